import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ErpRoute } from "../../erp-stub/access.ts";
import { HttpError } from "../../plumbing/http-reply.ts";
import { manualClock } from "../support/clock.ts";
import { anythingFor, type Base } from "../support/erp-anything.ts";
import { type Answer, ask, tokenIn } from "../support/erp-ask.ts";
import { bodyOf, typedOf } from "../support/erp-bodies.ts";
import type { ErpAddress } from "../support/erp-calls.ts";
import { addUser, setUp, signIn } from "../support/erp-doors.ts";
import { personOf } from "../support/erp-principals.ts";
import { inTurns } from "../support/erp-requests.ts";
import { wantedFor } from "../support/erp-rules.ts";
import { openErp } from "../support/erp-system.ts";
import { serveTampered, tamperWith } from "../support/erp-tampered.ts";
import { addTwoClients, type Ids } from "../support/erp-two-clients.ts";
import { openWorld, watchRestify } from "../support/erp-world.ts";
import { anyHeaders, anyPath, anyWord, requestsTo } from "../support/fuzz-requests.ts";
import { sendRaw } from "../support/raw-http.ts";

/** For each route; the time holds for the search of a smaller example too. */
const EFFORT = { numRuns: 10, interruptAfterTimeLimit: 8_000 };
/** Ids that are tried are smaller, so the admin's own row stays as it is. */
const USERS_BEFORE = 8;
const MINUTE_MS = 60_000;
/** For an answer, on a machine that has other work too. */
const DEADLINE_MS = 20_000;

/** What no answer may have in it: where the code is, what it says to the database, or how it fails. */
const INTERNALS = new RegExp(
  [
    String.raw`\n\s+at .+:\d+:\d+|\.ts:\d+|node_modules|node:internal|file:///|/tmp/|erp\.sqlite`,
    String.raw`sqlite_|sqliteerror|no such (table|column)|constraint failed|\bselect .+ from\b|insert into|datatype mismatch`,
    String.raw`(type|range|reference|syntax|zod)error|cannot read prop|is not a function|unexpected token|\[object `,
  ].join("|"),
  "i",
);

type Asker = ErpAddress & { cookie: string };

/** What is wrong with an answer. */
function problemOf(route: string, { status, text }: Answer): string | undefined {
  if (status >= 500) return `answers ${String(status)}`;
  // They are there to tell what errors look like.
  if (route === "GET /docs" || route === "GET /openapi.json") return undefined;
  return INTERNALS.exec(text)?.[0];
}

/** The first request to a route that is answered badly, in words; with its seed. */
async function failureOf(route: string, { url, apiKey, cookie }: Asker): Promise<string[]> {
  const token = tokenIn((await ask(`${url}/account`, { headers: { cookie } })).text);
  const credentials = route.includes(" /api/") ? { authorization: `Bearer ${apiKey}` } : { cookie };
  const known = { token: route === "POST /sign-out" ? "" : token, table: await tableFor(route, { url, apiKey }) };
  const anything = fc
    .nat({ max: 9_999 })
    .chain((number) => anythingFor(route, { ...known, base: baseFor(route, number) }));
  const property = fc.asyncProperty(anything, async ({ path, headers, ...asking }) => {
    const answer = await ask(url + path, { ...asking, headers: { ...headers, ...credentials } });
    const problem = problemOf(route, answer);
    if (problem !== undefined) throw new Error(problem);
  });
  const { failed, counterexample, errorInstance, seed } = await fc.check(property, EFFORT);
  if (!failed) return [];
  return [`${route}: ${String(errorInstance)} for ${JSON.stringify(counterexample)} (seed ${String(seed)})`];
}

/** A good body for the route, but for what has become of the rows that it refers to. */
function baseFor(route: string, number: number): Base {
  const wanted = wantedFor(route);
  const subject = typeof wanted === "object" ? wanted.subject : "";
  const body = bodyOf(subject, { words: "alpha", ids: FIRST, number }) ?? {};
  return route.includes(" /api/") ? body : typedOf(body);
}

/** Of each kind there was one with this id at first. */
const FIRST = new Proxy<Ids>({}, { get: () => 1 });

/** The table that an import takes, as the export has it. */
async function tableFor(route: string, { url, apiKey }: ErpAddress): Promise<string> {
  const [method, path = ""] = route.split(" ");
  if (method !== "POST" || !path.startsWith("/api/master-data/")) return "";
  return (await ask(`${url}${path}.csv`, { headers: { authorization: `Bearer ${apiKey}` } })).text;
}

async function failuresOf(routes: readonly string[], asker: Asker): Promise<string[]> {
  return (await inTurns(routes, (route) => failureOf(route, asker))).flat();
}

describe("an ERP with two clients", () => {
  const clock = manualClock();
  let erp: Awaited<ReturnType<typeof openErp>>;
  let routes: string[] = [];
  let cookie = "";
  beforeAll(async () => {
    using watch = watchRestify();
    erp = await openErp({ clock, seed: "empty" });
    routes = watch.routes();
    await addTwoClients(erp);
    for (let at = 0; at < USERS_BEFORE; at++) await addUser(erp, { email: `user-${String(at)}@office.example` });
    cookie = (await setUp(erp)).cookie;
  });
  afterAll(() => erp.close());

  /** Whatever was done to it. */
  async function expectToBeWell(): Promise<void> {
    expect((await ask(`${erp.url}/livez`)).status).toBe(200);
    expect((await ask(`${erp.url}/readyz`)).status).toBe(200);
    clock.shift(MINUTE_MS);
    const entered = await signIn(erp);
    expect(entered.status).toBe(303);
    const { status, text } = await ask(`${erp.url}/users`, { headers: { cookie: entered.cookie } });
    expect([status, text.includes("Users")]).toEqual([200, true]);
  }

  test("answers whatever an admin asks of any route without a failure, and tells nothing of its inside", {
    timeout: 60_000,
  }, async () => {
    expect(routes.length).toBeGreaterThan(200);
    expect(await failuresOf(routes.filter(isOfOffice), { ...erp, url: erp.url, cookie })).toEqual([]);
    await expectToBeWell();
    await erp.restart();
    await expectToBeWell();
  });

  test("answers whatever bytes come", { timeout: 60_000 }, async () => {
    const word = fc.oneof(anyWord, fc.constantFrom("new", "1", "edit", "remove"));
    const paths = fc.constantFrom(...routes).chain((route) => {
      const [, path = ""] = route.split(" ");
      return fc.tuple(word, anyWord).map(([id, query]) => `${path.replace(/:\w+/, id)}?${query}`);
    });
    const person = fc.constantFrom(["cookie", cookie] as const, ["authorization", `Bearer ${erp.apiKey}`] as const);
    const headers = fc.tuple(person, anyHeaders).map(([who, others]) => [who, ...others]);
    const property = fc.asyncProperty(
      requestsTo(fc.oneof({ weight: 4, arbitrary: paths }, anyPath), headers),
      async (asked) => {
        const status = await sendRaw(erp.url, asked, DEADLINE_MS);
        if (status >= 500) throw new Error(`Answered with ${String(status)}.`);
      },
    );
    await fc.assert(property, { numRuns: 1_000, interruptAfterTimeLimit: 15_000 });
    await expectToBeWell();
  });

  /** The documented endpoints fail when they are told to, and others try them. */
  const isOfOffice = (route: string) => !["GET /device/switch", "POST /api/customers"].includes(route);
});

describe("control", () => {
  const cases: [what: string, handle: ErpRoute["handle"], found: RegExp][] = [
    ["a route that fails", () => Promise.reject(new Error("no")), /answers 500/],
    [
      "an answer with a stack",
      () => Promise.reject(new HttpError(400, new Error("no").stack ?? "")),
      /: Error: (\n\s+at .+|\.ts:\d+|file:\/\/\/|\/tmp\/) for/,
    ],
    [
      "an answer with SQL",
      () => Promise.reject(new HttpError(409, "UNIQUE constraint failed: rooms.name")),
      /constraint/,
    ],
  ];

  test.for(cases)("%s is found", async ([, handle, found]) => {
    await using world = await openWorld();
    const routes = ["GET /api/rooms", "POST /rooms/:id"];
    await using tampered = await serveTampered(world, (route) =>
      tamperWith("GET /api/rooms", () => ({ handle }))(route),
    );
    const { headers } = personOf(world.people, "admin of all");
    const failures = await failuresOf(routes, { ...tampered, cookie: headers["cookie"] ?? "" });
    expect(failures).toEqual([expect.stringMatching(found)]);
    expect(failures).toEqual([expect.stringContaining("GET /api/rooms")]);
  });
});
