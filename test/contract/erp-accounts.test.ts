import { argon2Sync } from "node:crypto";
import { readFileSync } from "node:fs";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { INVITE_LIFE_MS } from "../../erp-stub/invitations.ts";
import { manualClock } from "../support/clock.ts";
import { ask } from "../support/erp-ask.ts";
import { ADMIN, addUser, atWork, invite, join, PASSWORD, setUp, signIn } from "../support/erp-doors.ts";
import { callApi } from "../support/erp-office.ts";
import { openErp } from "../support/erp-system.ts";
import { openLogBook } from "../support/log-book.ts";

type Erp = Awaited<ReturnType<typeof openErp>>;

const AT_ONCE = 20;
const times = <T>(count: number, one: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => one(at));
const statusesOf = (answers: readonly { status: number }[]) =>
  answers.map(({ status }) => status).toSorted((one, other) => one - other);

const change = (erp: Erp, id: number, body: object) => callApi(erp, `/users/${String(id)}`, { method: "PATCH", body });
const remove = (erp: Erp, id: number) => callApi(erp, `/users/${String(id)}`, { method: "DELETE" });

/** Somebody with a password, at work. */
async function addColleague(erp: Erp, user: object = {}) {
  const id = await addUser(erp, user);
  return { id, ...atWork(erp, await join(await invite(erp, id))) };
}

async function idOfAdmin(erp: Erp): Promise<number> {
  const { body } = await callApi(erp, `/users?q=${ADMIN.email}`);
  return (body as { data: { id: number }[] }).data[0]?.id ?? 0;
}

describe("an invitation", () => {
  test("is good once", async () => {
    await using erp = await openErp();
    await setUp(erp);
    const link = await invite(erp, await addUser(erp));
    expect((await ask(link)).text).toContain("Welcome, Bo");
    expect((await join(link, "too short")).status).toBe(422);
    const entered = await join(link);
    expect(await atWork(erp, entered).isIn()).toBe(true);
    expect([(await ask(link)).status, (await join(link, "another password")).status]).toEqual([404, 404]);
    expect((await signIn(erp, { email: "bo@office.example" })).status).toBe(303);
  });

  test("is good once also when many use it at the same instant", async () => {
    await using erp = await openErp();
    await setUp(erp);
    const link = await invite(erp, await addUser(erp));
    const answers = await Promise.all(times(AT_ONCE, (at) => join(link, `password number ${String(at)}`)));
    expect(statusesOf(answers)).toEqual([303, ...times(AT_ONCE - 1, () => 404)]);
    const states = await Promise.all(answers.map((answer) => atWork(erp, answer).isIn()));
    expect(states.filter(Boolean)).toHaveLength(1);
  });

  test("is good for seven days", async () => {
    const clock = manualClock();
    await using erp = await openErp({ clock });
    const link = await invite(erp, await addUser(erp));
    clock.shift(INVITE_LIFE_MS - 1);
    expect((await ask(link)).status).toBe(200);
    clock.shift(1);
    expect([(await ask(link)).status, (await join(link)).status]).toEqual([404, 404]);
  });

  test("takes the place of the one before, and goes with its user", async () => {
    await using erp = await openErp();
    const id = await addUser(erp);
    const [first, second] = [await invite(erp, id), await invite(erp, id)];
    expect([(await ask(first)).status, (await ask(second)).status]).toEqual([404, 200]);
    await remove(erp, id);
    expect((await join(second)).status).toBe(404);
  });

  test("lets the password be, until another one is chosen: then all other sessions are over", async () => {
    await using erp = await openErp();
    const bo = await addColleague(erp);
    const link = await invite(erp, bo.id);
    expect([await bo.isIn(), (await signIn(erp, { email: "bo@office.example" })).status]).toEqual([true, 303]);
    expect((await join(link, "another password")).status).toBe(303);
    expect(await bo.isIn()).toBe(false);
    expect((await signIn(erp, { email: "bo@office.example" })).status).toBe(401);
  });
});

describe("what an admin takes away", () => {
  test("is gone at once: a role, the sight of all clients, the user", async () => {
    await using erp = await openErp();
    await setUp(erp);
    const bo = await addColleague(erp, { role: "admin" });
    const statuses = async () =>
      Promise.all(["/users", "/customers", "/rooms"].map(async (path) => (await bo.get(path)).status));
    expect(await statuses()).toEqual([200, 200, 200]);
    await change(erp, bo.id, { role: "manager" });
    expect(await statuses()).toEqual([403, 200, 200]);
    await change(erp, bo.id, { client_id: 1 });
    expect(await statuses()).toEqual([403, 403, 200]);
    await remove(erp, bo.id);
    expect(await statuses()).toEqual([303, 303, 303]);
    expect((await signIn(erp, { email: "bo@office.example" })).status).toBe(401);
  });

  test("is gone at once also for a key", async () => {
    await using erp = await openErp();
    const body = { name: "A key", role: "admin" };
    const added = await callApi(erp, "/api-keys", { method: "POST", body });
    const { id, key } = added.body as { id: number; key: string };
    const path = `/api-keys/${String(id)}`;
    expect((await callApi(erp, "/users", { key })).status).toBe(200);
    await callApi(erp, path, { method: "PATCH", body: { role: "viewer" } });
    expect((await callApi(erp, "/users", { key })).status).toBe(403);
    await callApi(erp, path, { method: "DELETE" });
    expect((await callApi(erp, "/rooms", { key })).status).toBe(401);
  });
});

describe("the last admin", () => {
  const LAST = "This is the last admin who sees all clients";

  test.for<[what: string, body: object]>([
    ["demoted", { role: "manager" }],
    ["bound to a client", { client_id: 1 }],
  ])("cannot be %s", async ([, body]) => {
    await using erp = await openErp();
    await setUp(erp);
    const id = await idOfAdmin(erp);
    expect(await change(erp, id, body)).toMatchObject({ status: 409, body: { detail: expect.stringContaining(LAST) } });
    await addColleague(erp, { role: "admin" });
    expect((await change(erp, id, body)).status).toBe(200);
  });

  test("cannot be removed, not even by themselves", async () => {
    await using erp = await openErp();
    const ada = atWork(erp, await setUp(erp));
    const id = await idOfAdmin(erp);
    expect((await remove(erp, id)).status).toBe(409);
    const refused = await ada.send(`/users/${String(id)}/remove`);
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining(LAST)]);
    expect(await ada.isIn()).toBe(true);
  });

  test.for<[what: string, user: object]>([
    ["a manager", { role: "manager" }],
    ["an admin of one client", { role: "admin", client_id: 1 }],
  ])("is not made up for by %s", async ([, user]) => {
    await using erp = await openErp();
    await setUp(erp);
    await addColleague(erp, user);
    expect((await remove(erp, await idOfAdmin(erp))).status).toBe(409);
  });

  test("is not made up for by one who cannot sign in yet", async () => {
    await using erp = await openErp();
    await setUp(erp);
    const invited = await addUser(erp, { role: "admin" });
    const id = await idOfAdmin(erp);
    expect([(await remove(erp, id)).status, (await change(erp, id, { role: "viewer" })).status]).toEqual([409, 409]);
    expect((await remove(erp, invited)).status).toBe(204);
  });

  test("is there also after two who remove each other at the same instant", async () => {
    await using erp = await openErp();
    await setUp(erp);
    const ids = [await idOfAdmin(erp), (await addColleague(erp, { role: "admin" })).id];
    expect(statusesOf(await Promise.all(ids.map((id) => remove(erp, id))))).toEqual([204, 409]);
  });
});

test("of passwords, sessions, keys and links nothing is kept but hashes, and nothing of them is logged", async () => {
  const { log, lines } = openLogBook();
  await using erp = await openErp({ log });
  const link = erp.setUpUrl() ?? "";
  const { cookie } = await setUp(erp);
  await signIn(erp, { password: "a wrong password" });
  const invitation = await invite(erp, await addUser(erp));
  await join(invitation, "a password of Bo's");
  const unused = await invite(erp, await addUser(erp, { email: "cy@office.example" }));
  const added = await callApi(erp, "/api-keys", { method: "POST", body: { name: "A key", role: "viewer" } });
  const secrets = [PASSWORD, "a wrong password", "a password of Bo's", (added.body as { key: string }).key, erp.apiKey];
  const ofLinks = [link, invitation, unused].map((url) => url.split("/").at(-1) ?? "");
  const all = [...secrets, ...ofLinks, cookie.split("=")[1] ?? ""];
  expect(all.filter((secret) => secret.length < 12)).toEqual([]);
  const stored = ["", "-wal"].map((end) => readFileSync(erp.file + end, "latin1")).join("");
  const logged = JSON.stringify(lines);
  expect(stored).toContain(ADMIN.email);
  expect(all.filter((secret) => stored.includes(secret) || logged.includes(secret))).toEqual([]);
  expect(logged).not.toContain(ADMIN.email);

  const db = new Database(erp.file, { readonly: true });
  const hashes = db
    .prepare("SELECT password_hash FROM users WHERE password_hash IS NOT NULL ORDER BY id")
    .pluck()
    .all() as string[];
  db.close();
  const salts = hashes.map((one) => one.split(".")[0] ?? "");
  expect(new Set(salts).size).toBe(2);
  const cost = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 };
  const nonce = Buffer.from(salts[0] ?? "", "base64url");
  const expected = argon2Sync("argon2id", { ...cost, nonce, message: PASSWORD }).toString("base64url");
  expect(hashes[0]).toBe(`${salts[0] ?? ""}.${expected}`);
});
