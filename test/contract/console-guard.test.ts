import { request } from "undici";
import { describe, expect, test } from "vitest";
import { TRIES_PER_ADDRESS } from "../../device-db/guard.ts";
import { SESSION_LIFE_MS } from "../../device-db/operator-session.ts";
import { manualClock } from "../support/clock.ts";
import { NEW_DEVICE, OPERATOR_KEY, openDeviceDb } from "../support/device-db-system.ts";
import { SERIAL } from "../support/devices.ts";

const PUBLIC = "https://scent.hotel.example";
const BY_PROXY = { "x-forwarded-for": "192.0.2.7" };
const PAGES = ["/", "/devices", `/devices/${SERIAL}`, "/deliveries", "/health", "/docs"];
const API = ["/api/devices", "/api/deliveries", "/api/flows", "/api/lanes"];

type System = Awaited<ReturnType<typeof openDeviceDb>>;
type Headers = Record<string, string>;

/** As a browser does it, but for following: fetch would not let us say who we are. */
async function ask(...[system, path, headers = {}, form]: [System, string, Headers?, Record<string, string>?]) {
  const body = form && new URLSearchParams(form).toString();
  const type = body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" };
  const answer = await request(system.url + path, {
    method: body === undefined ? "GET" : "POST",
    headers: { accept: "text/html", ...type, ...headers },
    body: body ?? null,
  });
  const [cookie = ""] = String(answer.headers["set-cookie"] ?? "").split(";");
  const { location, "set-cookie": setCookie } = answer.headers;
  return {
    status: answer.statusCode,
    location,
    setCookie,
    cookie,
    headers: answer.headers,
    text: await answer.body.text(),
  };
}

const tokenIn = (page: string): string => /name="token" value="([\w-]+)"/.exec(page)?.[1] ?? "";
const signIn = (
  ...[system, headers = {}, key = OPERATOR_KEY, next = "/devices"]: [System, Headers?, string?, string?]
) => ask(system, "/sign-in", headers, { key, next });
const disable = (system: System, headers: Headers, form: Record<string, string>) =>
  ask(system, `/console/devices/${SERIAL}/disable`, headers, form);
const isEnabled = (system: System) =>
  system.rows("SELECT enabled FROM devices").map((row) => Object.values(row as object)[0]);

describe("on this machine", () => {
  test("the console opens as it is", async () => {
    await using system = await openDeviceDb();
    for (const path of PAGES) expect([path, (await ask(system, path)).status]).toEqual([path, 200]);
    expect(await ask(system, "/sign-in?next=/devices")).toMatchObject({ status: 303, location: "/devices" });
  });

  test("a button works with its page's token, and with the operator's key", async () => {
    await using system = await openDeviceDb();
    const token = tokenIn((await ask(system, `/devices/${SERIAL}`)).text);
    const back = { status: 303, location: `/devices/${SERIAL}?done=disable` };
    expect(await disable(system, { origin: system.url }, { token })).toMatchObject(back);
    expect(isEnabled(system)).toEqual([0]);
    const byKey = { authorization: `Bearer ${OPERATOR_KEY}` };
    expect((await ask(system, `/console/devices/${SERIAL}/enable`, byKey, {})).status).toBe(303);
    expect(isEnabled(system)).toEqual([1]);
  });

  test.for<[what: string, status: number, headers: Headers, token: string | undefined]>([
    ["without a token", 401, {}, undefined],
    ["with an empty token", 403, {}, ""],
    ["with a made-up token", 403, {}, "AAAA"],
    ["from another site", 403, { origin: "https://evil.example" }, "good"],
    ["from another port", 403, { origin: "http://127.0.0.1:1" }, "good"],
    ["from nowhere", 403, { origin: "null" }, "good"],
    ["from a site next door, as the browser says", 403, { "sec-fetch-site": "same-site" }, "good"],
    ["with a wrong key", 401, { authorization: "Bearer guess" }, undefined],
  ])("a form %s is refused with %i, and does nothing", async ([, status, headers, given]) => {
    await using system = await openDeviceDb();
    const good = tokenIn((await ask(system, `/devices/${SERIAL}`)).text);
    const form: Record<string, string> = given === undefined ? {} : { token: given === "good" ? good : given };
    expect((await disable(system, headers, form)).status).toBe(status);
    expect(isEnabled(system)).toEqual([1]);
  });

  test("the API takes the page's token in a header, and not without it", async () => {
    await using system = await openDeviceDb();
    const token = tokenIn((await ask(system, `/devices/${SERIAL}`)).text);
    const path = `/api/devices/${SERIAL}/disable`;
    expect((await system.post(path, {})).status).toBe(401);
    expect((await system.post(path, {}, { "x-page-token": "AAAA" })).status).toBe(403);
    expect((await system.post(path, {}, { "x-page-token": token })).status).toBe(200);
  });
});

describe.for<[where: string, publicUrl: string | undefined, headers: Headers]>([
  ["with a PUBLIC_URL", PUBLIC, {}],
  ["behind a proxy", undefined, BY_PROXY],
])("%s", ([, publicUrl, headers]) => {
  test("pages lead to the sign-in and back, and the API says 401", async () => {
    await using system = await openDeviceDb({ publicUrl });
    for (const path of [...PAGES.slice(1), "/deliveries?state=held"]) {
      const location = `/sign-in?next=${encodeURIComponent(path)}`;
      expect(await ask(system, path, headers)).toMatchObject({ status: 303, location, text: "" });
    }
    for (const path of API) {
      const answer = await ask(system, path, headers);
      expect([path, answer.status, answer.headers["content-type"]]).toEqual([path, 401, "application/problem+json"]);
    }
    expect((await ask(system, "/", headers)).location).toBe("/sign-in");
    expect((await ask(system, "/sign-in", headers)).text).toContain("secrets.json");
    expect(await disable(system, headers, { token: "" })).toMatchObject({ status: 303 });
    expect(isEnabled(system)).toEqual([1]);
  });

  test("with the key one is in: pages, API, buttons; and out again for good", async () => {
    await using system = await openDeviceDb({ publicUrl });
    const entered = await signIn(system, headers);
    expect([entered.status, entered.location]).toEqual([303, "/devices"]);
    const signedIn = { ...headers, cookie: entered.cookie };
    for (const path of [...PAGES, ...API])
      expect([path, (await ask(system, path, signedIn)).status]).toEqual([path, 200]);
    const token = tokenIn((await ask(system, "/devices", signedIn)).text);
    expect((await disable(system, signedIn, { token })).status).toBe(303);
    expect(isEnabled(system)).toEqual([0]);
    expect(await ask(system, "/sign-out", signedIn, { token: "AAAA" })).toMatchObject({ status: 403 });
    const left = await ask(system, "/sign-out", signedIn, { token });
    expect([left.status, left.location]).toEqual([303, "/sign-in"]);
    expect(left.setCookie).toMatch(/=; Path=\/; Max-Age=0/);
    expect((await ask(system, "/devices", signedIn)).status).toBe(303);
  });

  test("the token of one session is no good in another", async () => {
    await using system = await openDeviceDb({ publicUrl });
    const [mine, other] = [await signIn(system, headers), await signIn(system, headers)];
    const token = tokenIn((await ask(system, "/devices", { ...headers, cookie: other.cookie })).text);
    expect((await disable(system, { ...headers, cookie: mine.cookie }, { token })).status).toBe(403);
  });
});

describe("the cookie", () => {
  test.for<[what: string, publicUrl: string | undefined, headers: Headers, cookie: RegExp]>([
    ["on https", PUBLIC, { host: "scent.hotel.example" }, /^__Host-aromapod-operator=.+; SameSite=Strict; Secure$/],
    [
      "on http",
      "http://scent.hotel.example",
      { host: "scent.hotel.example" },
      /^aromapod-operator=.+; SameSite=Strict$/,
    ],
    ["on the loopback", PUBLIC, {}, /^__Host-aromapod-operator=.+; Secure$/],
    ["behind https", undefined, { ...BY_PROXY, "x-forwarded-proto": "https" }, /^__Host-.+; Secure$/],
    ["behind http", undefined, BY_PROXY, /^aromapod-operator=.+; SameSite=Strict$/],
  ])("%s is as strict as it can be", async ([, publicUrl, headers, cookie]) => {
    await using system = await openDeviceDb({ publicUrl });
    const { setCookie } = await signIn(system, headers);
    expect(setCookie).toMatch(cookie);
    expect(setCookie).toContain("; Path=/; Max-Age=28800; HttpOnly;");
  });

  test("ends after eight hours, and cannot be made longer", async () => {
    const clock = manualClock();
    await using system = await openDeviceDb({ publicUrl: PUBLIC, clock });
    const { cookie } = await signIn(system);
    const [id = "", until = "", signature = ""] = cookie.split(".");
    const longer = [id, String(Number(until) + 1), signature].join(".");
    for (const bad of [longer, `${id}.${until}`, `${id}.${until}.`, cookie.slice(0, -1), "__Host-aromapod-operator=.."])
      expect((await ask(system, "/devices", { cookie: bad })).status).toBe(303);
    clock.shift(SESSION_LIFE_MS - 1);
    expect((await ask(system, "/devices", { cookie })).status).toBe(200);
    clock.shift(1);
    expect((await ask(system, "/devices", { cookie })).status).toBe(303);
  });
});

test("after a few tries an address has to wait, others have not", async () => {
  const clock = manualClock();
  await using system = await openDeviceDb({ clock });
  const from = (address: string, key?: string) => signIn(system, { "x-forwarded-for": `1.2.3.4, ${address}` }, key);
  for (let tries = 0; tries < TRIES_PER_ADDRESS; tries++) expect((await from("192.0.2.7", "guess")).status).toBe(401);
  const refused = await from("192.0.2.7");
  expect([refused.status, refused.headers["retry-after"], refused.setCookie]).toEqual([429, "60", undefined]);
  expect(refused.text).toContain("wait 60 seconds");
  expect((await from("192.0.2.8")).status).toBe(303);
  clock.shift(60_000);
  expect((await from("192.0.2.7")).status).toBe(303);
});

test("who signs in is not led to another site, nor signed in by one", async () => {
  await using system = await openDeviceDb({ publicUrl: PUBLIC });
  expect((await signIn(system, {}, OPERATOR_KEY, "https://evil.example")).location).toBe("/");
  expect((await signIn(system, { origin: "https://evil.example" })).status).toBe(403);
});

test("under its public name it answers, under others not", async () => {
  await using system = await openDeviceDb({ publicUrl: PUBLIC });
  expect((await ask(system, "/sign-in", { host: "scent.hotel.example" })).status).toBe(200);
  expect((await ask(system, "/sign-in", { host: "scent.hotel.example:8443" })).status).toBe(200);
  expect((await ask(system, "/sign-in", { host: "evil.example" })).status).toBe(403);
  expect((await ask(system, "/sign-in")).headers["strict-transport-security"]).toBeDefined();
  await using local = await openDeviceDb();
  expect((await ask(local, "/", { host: "scent.hotel.example" })).status).toBe(403);
});

test("a form from a page under the public name is from here, whatever the proxy makes of Host", async () => {
  await using system = await openDeviceDb({ publicUrl: "http://scent.hotel.example" });
  const proxied = { ...BY_PROXY, "x-forwarded-host": "scent.hotel.example" };
  expect((await signIn(system, { ...proxied, origin: "http://scent.hotel.example" })).status).toBe(303);
  expect((await signIn(system, { ...proxied, origin: "http://other.example" })).status).toBe(403);
});

test("errors are pages for browsers, and problems for programs", async () => {
  await using system = await openDeviceDb();
  for (const path of ["/nowhere", "/devices/nope", "/deliveries/nope", "/flow/nope"]) {
    const forPeople = await ask(system, path);
    expect([forPeople.status, forPeople.headers["content-type"]]).toEqual([404, "text/html; charset=utf-8"]);
    const forPrograms = await ask(system, path, { accept: "application/json" });
    expect([forPrograms.status, forPrograms.headers["content-type"]]).toEqual([404, "application/problem+json"]);
  }
  expect((await ask(system, "/api/nowhere")).headers["content-type"]).toBe("application/problem+json");
});

const MARKUP = [`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onfocus='alert(1)`, "</textarea><b>"];

test.for(MARKUP)("what others wrote stays words, in every place: %s", async (markup) => {
  await using system = await openDeviceDb();
  const key = { authorization: `Bearer ${OPERATOR_KEY}` };
  await system.post("/api/devices", { ...NEW_DEVICE, room: markup }, key);
  await system.post("/api/deliveries/pause", { serial: SERIAL, reason: markup }, key);
  const told = `INSERT INTO journal VALUES (1, 'event-1', '${SERIAL}', NULL, 1, '{}', 0);
    INSERT INTO deliveries (id, serial, status, scent, state, due_at, created_at, evidence, flow_id)
      VALUES ('event-1', '${SERIAL}', $1, $1, 'held', 0, 0, $1, 'event-1');
    INSERT INTO flows (id, serial, started_at, state, answer, scent) VALUES ('event-1', '${SERIAL}', 0, $1, $1, $1);
    INSERT INTO hops (flow, at, part, name, ok, detail, payload) VALUES (1, 0, 'bot', $1, 0, $1, $1);`;
  system.tamper(told.replaceAll("$1", `'${markup.replaceAll("'", "''")}'`));
  const evil = encodeURIComponent(markup);
  const places = [...PAGES, `/devices/${NEW_DEVICE.serial}`, "/deliveries/event-1", "/flow/event-1", `/?q=${evil}`];
  for (const path of [...places, `/deliveries?serial=${evil}`, `/devices?done=${evil}`, `/devices/${evil}`]) {
    const { text, headers } = await ask(system, path);
    expect([path, headers["content-type"]]).toEqual([path, "text/html; charset=utf-8"]);
    expect([path, text.includes(markup)]).toEqual([path, false]);
  }
  expect((await ask(system, "/flow/event-1")).text).toContain(
    markup.replace(/[<>"'&]/g, (sign) => ({ "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[sign] ?? sign),
  );
});
