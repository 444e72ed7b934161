import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SESSION_LIFE_MS } from "../../erp-stub/sessions.ts";
import { TRIES } from "../../erp-stub/sign-in.ts";
import { manualClock } from "../support/clock.ts";
import { type Answer, ask } from "../support/erp-ask.ts";
import { ADMIN, addUser, atWork, PASSWORD, setUp, signIn } from "../support/erp-doors.ts";
import { countRows, openErp } from "../support/erp-system.ts";

const MINUTE_MS = 60_000;
const ROUNDS = 40;
/** How many times as long as another one an answer may take. */
const ALIKE = 1.6;
const times = <T>(count: number, one: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => one(at));
const counts = (statuses: readonly number[]) =>
  Object.fromEntries(
    Map.groupBy(statuses, (status) => status)
      .entries()
      .map(([status, all]) => [status, all.length]),
  );

describe("guessing", () => {
  test("a user's password may be tried five times a minute from an address, then nothing helps for a minute", async () => {
    const clock = manualClock();
    await using erp = await openErp({ clock });
    await setUp(erp);
    for (const email of ["ada@office.example", "ADA@office.example", "Ada@Office.Example", ADMIN.email, ADMIN.email]) {
      expect([email, (await signIn(erp, { email, password: "a wrong password" })).status]).toEqual([email, 401]);
    }
    const refused = await signIn(erp);
    expect([refused.status, refused.headers["retry-after"], refused.cookie]).toEqual([429, "60", ""]);
    expect(refused.text).toContain("wait 60 seconds");
    clock.shift(MINUTE_MS - 1);
    expect((await signIn(erp)).status).toBe(429);
    clock.shift(1);
    expect((await signIn(erp)).status).toBe(303);
  });

  test("guesses that come at once are counted before they are known to be wrong", async () => {
    await using erp = await openErp({ clock: manualClock() });
    await setUp(erp);
    const answers = await Promise.all(times(20, () => signIn(erp, { password: "a wrong password" })));
    expect(counts(answers.map(({ status }) => status))).toEqual({ 401: TRIES.each, 429: 20 - TRIES.each });
  });

  test("an address may try twenty times a minute, whosoever's password; other addresses are not held up", async () => {
    const clock = manualClock();
    await using erp = await openErp({ clock });
    await setUp(erp);
    const from = (address: string) => ({ "x-forwarded-for": `1.2.3.4, ${address}` });
    const guess = (at: number) => signIn(erp, { email: `user-${String(at)}@office.example` }, from("192.0.2.7"));
    const answers = await Promise.all(times(25, guess));
    expect(counts(answers.map(({ status }) => status))).toEqual({ 401: TRIES.all, 429: 25 - TRIES.all });
    expect((await signIn(erp, {}, from("192.0.2.7"))).status).toBe(429);
    expect((await signIn(erp, {}, from("192.0.2.8"))).status).toBe(303);
    clock.shift(MINUTE_MS);
    expect((await signIn(erp, {}, from("192.0.2.7"))).status).toBe(303);
  });

  test("the present password cannot be guessed by its owner's page either", async () => {
    await using erp = await openErp({ clock: manualClock() });
    const ada = atWork(erp, await setUp(erp));
    const wrong = () => ada.send("/account", { current: "a wrong password", password: "another password" });
    for (let at = 0; at < TRIES.each; at++) expect((await wrong()).status).toBe(422);
    expect((await wrong()).status).toBe(429);
    expect((await ada.send("/account", { current: PASSWORD, password: "another password" })).status).toBe(429);
  });

  test("tells nothing of who is there: unknown, invited and wrong are answered alike, and as slowly", async () => {
    const clock = manualClock();
    await using erp = await openErp({ clock });
    await setUp(erp);
    await addUser(erp, { email: "bo@office.example" });
    const emails = ["nobody@office.example", "bo@office.example", ADMIN.email];
    const fastest = new Map<string, number>();
    const answers = new Set<string>();
    const measure = async (what: string, work: () => Promise<Answer>) => {
      const start = performance.now();
      const { status, text } = await work();
      fastest.set(what, Math.min(fastest.get(what) ?? Number.POSITIVE_INFINITY, performance.now() - start));
      return `${String(status)} ${text.replaceAll(what, "")}`;
    };
    const ratio = (others: readonly string[]) => {
      const times = others.map((what) => fastest.get(what) ?? 0);
      return Math.max(...times) / Math.min(...times);
    };
    // On a machine with other work only the fastest of some tries tells how long it takes.
    for (let round = 0; round < ROUNDS && (round < 3 || ratio(emails) >= ALIKE); round++) {
      clock.shift(MINUTE_MS);
      for (const email of emails) {
        answers.add(await measure(email, () => signIn(erp, { email, password: "a wrong password" })));
      }
      await measure("no sign-in", () => ask(`${erp.url}/sign-in`));
    }
    expect(answers.size).toBe(1);
    expect(ratio(emails)).toBeLessThan(ALIKE);
    // Control: what needs no password is told apart.
    expect(ratio([...emails, "no sign-in"])).toBeGreaterThan(ALIKE);
  });
});

describe("where the sign-in leads", () => {
  const clock = manualClock();
  let erp: Awaited<ReturnType<typeof openErp>>;
  let cookie: string;
  beforeAll(async () => {
    erp = await openErp({ clock });
    cookie = (await setUp(erp)).cookie;
  });
  afterAll(() => erp.close());

  test.for([
    ["/devices?q=a%20b", "/devices?q=a%20b"],
    ["", "/"],
    ["https://evil.example", "/"],
    ["//evil.example", "/"],
    ["/\\evil.example", "/"],
    ["\\\\evil.example", "/"],
    ["/\t/evil.example", "/"],
    ["/..//evil.example", "/"],
    ["/.//evil.example", "/"],
    ["javascript:alert(1)", "/"],
    ["/sign-out", "/"],
    ["/set-up/x", "/"],
  ] as const)("of %j is %s", async ([next, location]) => {
    clock.shift(MINUTE_MS);
    expect(await signIn(erp, { next })).toMatchObject({ status: 303, location });
    const again = await ask(`${erp.url}/sign-in?next=${encodeURIComponent(next)}`, { headers: { cookie } });
    expect(again).toMatchObject({ status: 303, location });
  });

  test("is never another site, whatever is asked for", async () => {
    const slashes = fc.constantFrom(
      "/",
      "\\",
      "//",
      "/\\",
      ".",
      "..",
      "%2f",
      "%5c",
      "\t",
      "\n",
      "@",
      ":",
      "http:",
      "x",
    );
    const anyNext = fc.oneof(
      fc.array(slashes, { maxLength: 6 }).map((parts) => `${parts.join("")}evil.example`),
      fc.webUrl(),
      fc.string({ unit: "binary" }),
    );
    const property = fc.asyncProperty(anyNext, async (next) => {
      const query = new URLSearchParams({ next }).toString();
      const { status, location = "" } = await ask(`${erp.url}/sign-in?${query}`, { headers: { cookie } });
      expect([status, new URL(location, erp.url).origin]).toEqual([303, erp.url]);
      expect(location).toMatch(/^\/(?![/\\])/);
    });
    await fc.assert(property, { numRuns: 300 });
  });
});

describe("a session", () => {
  test("ends after eight hours, however much it is used", async () => {
    const clock = manualClock();
    await using erp = await openErp({ clock });
    const ada = atWork(erp, await setUp(erp));
    for (let hour = 0; hour < 8; hour++) {
      expect([hour, await ada.isIn()]).toEqual([hour, true]);
      clock.shift(SESSION_LIFE_MS / 8 - (hour === 7 ? 1 : 0));
    }
    expect(await ada.isIn()).toBe(true);
    clock.shift(1);
    expect(await ada.isIn()).toBe(false);
    await signIn(erp);
    expect(countRows(erp.file, "sessions")).toBe(1);
  });

  test("is a new one with each sign-in, whatever cookie was there before", async () => {
    await using erp = await openErp();
    await setUp(erp);
    const planted = { cookie: `__Host-katlai-user=${"A".repeat(43)}` };
    const entered = await signIn(erp, {}, planted);
    expect(entered.cookie).not.toBe(planted.cookie);
    expect(await atWork(erp, planted).isIn()).toBe(false);
    expect(await atWork(erp, entered).isIn()).toBe(true);
  });

  test("that is signed out is over for a copy of its cookie too, and for no other one", async () => {
    await using erp = await openErp();
    const [here, other] = [await setUp(erp), await signIn(erp)];
    const copy = { cookie: here.cookie };
    const left = await atWork(erp, here).send("/sign-out");
    expect([left.status, left.location]).toEqual([303, "/sign-in"]);
    expect([await atWork(erp, copy).isIn(), await atWork(erp, other).isIn()]).toEqual([false, true]);
  });

  test("survives a restart, and a change of the password only where that was made", async () => {
    await using erp = await openErp();
    const [here, other] = [await setUp(erp), await signIn(erp)];
    await erp.restart();
    expect(await atWork(erp, other).isIn()).toBe(true);
    const fields = { current: PASSWORD, password: "another password" };
    const changed = await atWork(erp, here).send("/account", fields);
    expect([changed.status, changed.location]).toEqual([303, "/account?done=password"]);
    expect(await Promise.all([here, other, changed].map((one) => atWork(erp, one).isIn()))).toEqual([
      false,
      false,
      true,
    ]);
    expect((await signIn(erp)).status).toBe(401);
    expect((await signIn(erp, { password: fields.password })).status).toBe(303);
  });
});
