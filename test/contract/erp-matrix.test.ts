import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HttpError } from "../../plumbing/http-reply.ts";
import { ask } from "../support/erp-ask.ts";
import { problemsOfAnswers, problemsOfOpen, problemsOfTable } from "../support/erp-matrix.ts";
import { changesByBound, leaksToBound } from "../support/erp-own-rows.ts";
import { personOf } from "../support/erp-principals.ts";
import { unasked } from "../support/erp-rules.ts";
import { declaredRoutes, serveTampered, tamperWith, unbound } from "../support/erp-tampered.ts";
import { SIGNS } from "../support/erp-two-clients.ts";
import { openWorld } from "../support/erp-world.ts";

type Change = Parameters<typeof tamperWith>[1];

/** Whoever may see their own password page. */
function forAll(by: "key" | "page"): Change {
  return () => ({ access: { subject: "self", action: "read", by } });
}

function shut(): never {
  throw new HttpError(403, "Nobody may.");
}

let world: Awaited<ReturnType<typeof openWorld>>;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

describe("the table of routes", () => {
  test("has every route that the server answers to, for those whom the rules say", () => {
    expect(world.routes.length).toBeGreaterThan(200);
    expect(problemsOfTable(world.routes, declaredRoutes(world.snapshot))).toEqual([]);
  });

  test("asks for every right that the rules give", () => {
    expect(unasked(declaredRoutes(world.snapshot))).toEqual([]);
  });

  test("control: a route that is missing, unknown or for others is found", () => {
    const declared = declaredRoutes(world.snapshot);
    const isRooms = ({ method, path }: { method: string; path: string }) => method === "GET" && path === "/api/rooms";
    const missing = declared.filter((route) => !isRooms(route));
    expect(problemsOfTable(world.routes, missing)).toEqual(["GET /api/rooms: is not in the table"]);
    expect(problemsOfTable([...world.routes, "GET /api/secrets"], declared)).toEqual([
      "GET /api/secrets: nothing is said of who may use it",
    ]);
    const open = declared.map((route) => (isRooms(route) ? { ...route, access: "anyone" as const } : route));
    expect(problemsOfTable(world.routes, open)).toEqual(["GET /api/rooms: anyone instead of read rooms by key"]);
    const unserved = world.routes.filter((route) => route !== "GET /api/rooms");
    expect(problemsOfTable(unserved, declared)).toEqual(["GET /api/rooms: is not served"]);
  });
});

test("whoever is bound to a client is shown nothing of another one, whatever they look for", async () => {
  expect(await leaksToBound(world)).toEqual([]);
});

test("nobody finds out what another client's rows say by looking for their words", async () => {
  const { headers } = personOf(world.people, "viewer of alpha", "key");
  const lists = ["corporations", "clients", "rooms", "devices", "device-setups", "payments"];
  const found = async (subject: string, q: string) => {
    const { text } = await ask(`${world.url}/api/${subject}?q=${q}`, { headers });
    return (JSON.parse(text) as { total: number }).total;
  };
  for (const subject of lists) {
    const ofOwn = await found(subject, SIGNS.alpha.word);
    expect([subject, ofOwn > 0, await found(subject, SIGNS.bravo.word)]).toEqual([subject, true, 0]);
  }
});

test("whoever is bound to a client changes nothing of anybody else, whatever they send", async () => {
  expect(await changesByBound(world)).toEqual([]);
});

test("what is open to everybody tells nothing of any client", async () => {
  expect(await problemsOfOpen(world)).toEqual([]);
});

test("everybody gets of every route what the rules say", async () => {
  expect(await problemsOfAnswers(world)).toEqual([]);
});

type Check = typeof problemsOfAnswers;

describe("control: a hole is found", () => {
  test.for<[hole: string, route: string, change: Change, check: Check, found: string]>([
    ["a row for anyone", "GET /api/payments/:id", () => ({ access: "anyone" }), problemsOfAnswers, "nobody"],
    ["a page for anyone", "GET /rooms/new", () => ({ access: "anyone" }), problemsOfAnswers, "nobody with a page"],
    [
      "a removal for all roles",
      "DELETE /api/customers/:id",
      forAll("key"),
      problemsOfAnswers,
      "refused, gone: customers",
    ],
    ["a form for all roles", "POST /scents/:id", forAll("page"), problemsOfAnswers, "303 instead of forbidden"],
    ["a list without its scope", "GET /api/rooms", unbound, problemsOfAnswers, "shows bravo"],
    ["a report without its scope", "GET /reports/payments.csv", unbound, leaksToBound, "shows"],
    ["a search without its scope", "GET /clients", unbound, leaksToBound, "shows bravo"],
    ["a change without its scope", "PATCH /api/rooms/:id", unbound, changesByBound, "gone: rooms"],
    ["a removal without its scope", "POST /payments/:id/remove", unbound, changesByBound, "gone: payments"],
    ["an addition without its scope", "POST /device-usages/new", unbound, changesByBound, "new: device_usages"],
    ["a door that is shut for all", "GET /api/scents", () => ({ handle: shut }), problemsOfAnswers, "welcome"],
  ])("%s: %s", async ([, route, change, check, found]) => {
    await using tampered = await serveTampered(world, tamperWith(route, change));
    expect(await check(tampered, [route])).toContainEqual(expect.stringContaining(found));
  });

  test("and without one, nothing", async () => {
    await using sound = await serveTampered(world, (route) => route);
    expect(await problemsOfAnswers(sound, ["GET /api/payments/:id", "POST /scents/:id", "GET /api/rooms"])).toEqual([]);
    expect(await changesByBound(sound, ["PATCH /api/rooms/:id", "POST /device-usages/new"])).toEqual([]);
    expect(await leaksToBound(sound, ["GET /clients"])).toEqual([]);
  });
});
