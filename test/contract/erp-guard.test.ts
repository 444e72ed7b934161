import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask } from "../support/erp-ask.ts";
import { callApi } from "../support/erp-office.ts";
import { type Person, personOf } from "../support/erp-principals.ts";
import {
  formsOf,
  type How,
  inTurns,
  openRequests,
  type Requests,
  type Target,
  targetsOf,
} from "../support/erp-requests.ts";
import { openErp } from "../support/erp-system.ts";
import { differences, readTables } from "../support/erp-tables.ts";
import { serveTampered, tamperWith } from "../support/erp-tampered.ts";
import { openWorld } from "../support/erp-world.ts";

const PUBLIC = "https://erp.hotel.example";
const OFF_SITE = { origin: "https://evil.example" };

let world: Awaited<ReturnType<typeof openWorld>>;
let requests: Requests;
beforeAll(async () => {
  world = await openWorld();
  requests = await openRequests(world);
});
afterAll(() => world[Symbol.asyncDispose]());

const statusesOf = (targets: readonly Target[], how: How, { send }: Requests = requests) =>
  inTurns(targets, async (target) => [target.route, (await send(target, how)).status]);

/** What all of them are answered with. */
const allWith = (targets: readonly Target[], status: number) => targets.map(({ route }) => [route, status]);

describe("a form of the back office", () => {
  const cases: [what: string, how: (admin: Person, other: Person) => Omit<How, "isSpare">][] = [
    ["has no token", () => ({ token: null })],
    ["has an empty token", () => ({ token: "" })],
    ["has a made-up token", () => ({ token: "A".repeat(43) })],
    ["has the token of another session", (_, other) => ({ token: requests.tokenOf(other) })],
    ["comes from another site", () => ({ headers: OFF_SITE })],
    ["comes from another port", () => ({ headers: { origin: "http://127.0.0.1:1" } })],
    ["comes from nowhere", () => ({ headers: { origin: "null" } })],
    ["comes from another site, as the browser says", () => ({ headers: { "sec-fetch-site": "cross-site" } })],
    ["comes from next door, as the browser says", () => ({ headers: { "sec-fetch-site": "same-site" } })],
    ["comes from no page at all, as the browser says", () => ({ headers: { "sec-fetch-site": "none" } })],
    [
      "comes with a key instead",
      (admin) => ({ token: null, headers: personOf(world.people, admin.name, "key").headers }),
    ],
  ];

  test.for(cases)("is refused when it %s, and changes nothing", async ([, how]) => {
    const [admin, other] = [personOf(world.people, "admin of all"), personOf(world.people, "manager of all")];
    const forms = targetsOf(formsOf(world.routes), admin);
    expect(forms.length).toBeGreaterThan(30);
    const before = readTables(world.file);
    expect(await statusesOf(forms, { isSpare: false, ...how(admin, other) })).toEqual(allWith(forms, 403));
    expect(differences(before, readTables(world.file))).toEqual([]);
  });

  test("control: a form that is not looked at is found, and one of ours is taken", async () => {
    const open = tamperWith("POST /rooms/new", () => ({ access: "anyone" }));
    await using tampered = await serveTampered(world, open);
    const forms = targetsOf(["POST /rooms/new"], personOf(tampered.people, "admin of all"));
    const opened = await openRequests(tampered);
    expect(await statusesOf(forms, { isSpare: false, token: null }, opened)).not.toEqual(allWith(forms, 403));
    const good = { isSpare: true, headers: { origin: world.url, "sec-fetch-site": "same-origin" } };
    expect(await statusesOf(forms, good)).toEqual(allWith(forms, 303));
  });
});

test("forms at the door are not taken from other sites", async () => {
  await using erp = await openErp();
  const setUp = erp.setUpUrl() ?? "";
  const { body } = await callApi(erp, "/users", {
    method: "POST",
    body: { name: "B", email: "b@x.example", role: "viewer" },
  });
  const invited = await callApi(erp, `/users/${String((body as { id: number }).id)}/invite`, { method: "POST" });
  const { url: join } = invited.body as { url: string };
  const form = { name: "A", email: "a@x.example", password: "a long password" };
  const before = readTables(erp.file);
  for (const url of [setUp, join, `${erp.url}/sign-in`]) {
    for (const headers of [OFF_SITE, { "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site" }]) {
      const answer = await ask(url, { method: "POST", headers, form });
      expect([url, headers, answer.status, answer.cookie]).toEqual([url, headers, 403, ""]);
    }
  }
  expect(differences(before, readTables(erp.file))).toEqual([]);
});

describe("who somebody is", () => {
  test("is told to the API by the key alone, and to pages by the cookie alone", async () => {
    const [viewer, admin] = [personOf(world.people, "viewer of all"), personOf(world.people, "admin of all", "key")];
    const both = { ...viewer.headers, ...admin.headers };
    expect((await ask(`${world.url}/api/users`, { headers: both })).status).toBe(200);
    expect((await ask(`${world.url}/users`, { headers: both })).status).toBe(403);
    const cookieOnly = { headers: personOf(world.people, "admin of all").headers };
    expect((await ask(`${world.url}/api/users`, cookieOnly)).status).toBe(401);
    const badKey = { ...personOf(world.people, "admin of all").headers, authorization: "Bearer guess" };
    expect((await ask(`${world.url}/api/users`, { headers: badKey })).status).toBe(401);
  });

  test.for([
    ["basic", (key: string) => ({ authorization: `Basic ${btoa(`x:${key}`)}` })],
    ["in another case", (key: string) => ({ authorization: `bearer ${key}` })],
    ["with more behind it", (key: string) => ({ authorization: `Bearer ${key} x` })],
    ["as a cookie", (key: string) => ({ cookie: `__Host-katlai-user=${key}` })],
    ["in a header of its own", (key: string) => ({ "x-api-key": key })],
    ["without a word before it", (key: string) => ({ authorization: key })],
  ] as const)("is not told by a key %s", async ([, headersOf]) => {
    const { status, headers } = await ask(`${world.url}/api/users`, { headers: headersOf(world.apiKey) });
    expect([status, headers["www-authenticate"]]).toEqual([401, "Bearer"]);
    const asQuery = await ask(`${world.url}/api/users?access_token=${world.apiKey}&api_key=${world.apiKey}`);
    expect(asQuery.status).toBe(401);
  });
});

describe("another host name", () => {
  const names = ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "evil.example:8000", "0.0.0.0"];

  test.for(names)("%s is refused by every address, and changes nothing", async (host) => {
    const before = readTables(world.file);
    const people = [personOf(world.people, "admin of all"), personOf(world.people, "admin of all", "key")];
    const targets = people.flatMap((person) => targetsOf(world.routes, person));
    expect(await statusesOf(targets, { isSpare: false, headers: { host } })).toEqual(allWith(targets, 403));
    const query = "serial=alpha-1&status=checkin&scent=shared";
    expect((await ask(`${world.url}/device/switch?${query}`, { headers: { host } })).status).toBe(403);
    expect(differences(before, readTables(world.file))).toEqual([]);
  });

  test("is refused also when a proxy is said to have handed it on", async () => {
    await using erp = await openErp({ publicUrl: PUBLIC });
    const statusOf = async (headers: Record<string, string>) => (await ask(`${erp.url}/sign-in`, { headers })).status;
    expect(await statusOf({ host: "erp.hotel.example" })).toBe(200);
    expect(await statusOf({ host: "evil.example", "x-forwarded-host": "erp.hotel.example" })).toBe(403);
    expect(await statusOf({ host: "127.0.0.1@evil.example" })).toBe(403);
    expect(await statusOf({ host: "" })).toBe(400);
  });
});

describe("reading", () => {
  test("changes nothing, whoever reads whatever", async () => {
    const before = withoutExports(readTables(world.file));
    const reading = world.routes.filter((route) => route.startsWith("GET ") && !route.includes(":secret"));
    for (const person of [personOf(world.people, "admin of all"), personOf(world.people, "admin of all", "key")]) {
      const targets = targetsOf(reading, person);
      const statuses = await statusesOf(targets, { isSpare: true });
      expect(statuses.filter(([, status]) => status === 200).length).toBeGreaterThan(40);
    }
    expect(differences(before, withoutExports(readTables(world.file)))).toEqual([]);
  });

  /** Who took the data of a person with them is written down. */
  function withoutExports({ audit = [], ...tables }: ReturnType<typeof readTables>) {
    return { ...tables, audit: audit.filter(({ action }) => action !== "exported") };
  }

  test("is what a HEAD or a made-over method cannot be instead", async () => {
    const { headers } = personOf(world.people, "admin of all", "key");
    const url = `${world.url}/api/rooms/${String(world.clients.alpha["rooms"])}`;
    const before = readTables(world.file);
    for (const method of ["HEAD", "PUT", "OPTIONS", "TRACE"]) {
      expect([method, (await ask(url, { method, headers })).status]).toEqual([method, 405]);
    }
    for (const name of ["x-http-method-override", "x-http-method", "x-method-override"]) {
      expect((await ask(url, { headers: { ...headers, [name]: "DELETE" } })).status).toBe(200);
      expect((await ask(`${url}?_method=DELETE`, { headers })).status).toBe(200);
    }
    expect(differences(before, readTables(world.file))).toEqual([]);
  });
});

describe("the two endpoints without a key", () => {
  const SWITCH = "/device/switch?serial=alpha-1&status=checkin&scent=shared";
  const guest = JSON.stringify({ email: "other@example.com" });

  test.for<[what: string, headers: Record<string, string>]>([
    ["an image of a page", { accept: "image/avif,image/webp,*/*;q=0.8", "sec-fetch-dest": "image" }],
    ["an image of another site", { accept: "*/*", "sec-fetch-site": "cross-site", "sec-fetch-dest": "image" }],
    ["a prefetch", { "sec-purpose": "prefetch", accept: "*/*" }],
    ["an old prefetch", { purpose: "prefetch", accept: "*/*" }],
    ["a prerender", { "sec-purpose": "prefetch;prerender" }],
    ["a link", { accept: "text/html" }],
    ["a script of another site", OFF_SITE],
    ["a script of our own", { "sec-fetch-site": "same-origin" }],
    ["a sandboxed frame", { origin: "null" }],
  ])("take no call of %s", async ([, headers]) => {
    const before = readTables(world.file);
    expect((await ask(world.url + SWITCH, { headers })).status).toBe(403);
    const text = { "content-type": "text/plain", ...headers };
    expect((await ask(`${world.url}/api/customers`, { method: "POST", headers: text, body: guest })).status).toBe(403);
    expect(differences(before, readTables(world.file))).toEqual([]);
  });

  test("control: they take the same calls of a program", async () => {
    const before = readTables(world.file);
    expect((await ask(world.url + SWITCH)).status).toBe(200);
    expect((await ask(`${world.url}/api/customers`, { method: "POST", body: guest })).status).toBe(200);
    const lines = differences(before, readTables(world.file)).map((line) => line.split(" {")[0]);
    expect(lines).toEqual(expect.arrayContaining(["new: device_usages", "new: customers"]));
  });
});
