import { copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, expect, test } from "vitest";
import type { Delivery } from "../../device-db/contract.ts";
import { beginChat, call, post } from "../support/chat-guest.ts";
import { listUsages } from "../support/erp-calls.ts";
import { eventually } from "../support/eventually.ts";
import { type Home, openHome } from "../support/home.ts";
import { runProcess } from "../support/process.ts";
import { pathWithSqlite3 } from "../support/sqlite3-program.ts";

const BACKUP = join(import.meta.dirname, "../../docs/deploy/backup.sh");

/** Two kits one after the other. */
const LONG = { timeout: 60_000 };

const programs = mkdtempSync(join(tmpdir(), "sqlite3-"));
const PATH = pathWithSqlite3(programs);
afterAll(() => rmSync(programs, { recursive: true }));

type Kit = Awaited<ReturnType<Home["startKit"]>>;

const backUp = (cwd: string, to: string) => runProcess("sh", [BACKUP, ".data", to], { cwd, env: { PATH } });

/** Newest first. */
async function deliveriesAt({ ready }: Kit): Promise<Delivery[]> {
  return (await call<{ data: Delivery[] }>(`${ready.deviceDb}/api/deliveries`)).body.data;
}

async function answer({ ready }: Kit, scent = "wood"): Promise<void> {
  await (await beginChat(ready.launchUrl)).say(scent);
}

async function refsAt(home: Home, { ready }: Kit): Promise<unknown[]> {
  const usages = await listUsages({ url: ready.erp, apiKey: (await home.secrets()).erpApiKey });
  return usages.map(({ ref }) => ref);
}

function countIn(file: string): unknown {
  const db = new Database(file);
  try {
    return db.prepare("SELECT count(*) FROM deliveries").pluck().get();
  } finally {
    db.close();
  }
}

test("a copy made while guests answer is a whole kit, and each of its check-ins one usage", LONG, async () => {
  await using home = await openHome();
  const inHome = (path: string) => join(home.path, path);
  const first = await home.startKit();
  let isOver = false;
  const crowd = Array.from({ length: 4 }, async () => {
    while (!isOver) await answer(first);
  });
  await eventually(async () => expect((await deliveriesAt(first)).length).toBeGreaterThan(10));
  copyFileSync(inHome(".data/device-db.sqlite"), inHome("alone.sqlite"));
  const copied = await backUp(home.path, "it's a copy");
  isOver = true;
  await Promise.all(crowd);
  await first.stop("SIGKILL");
  expect(copied).toEqual({ code: 0, stdout: "", stderr: "" });
  for (const path of ["it's a copy", "it's a copy/bot.sqlite", "it's a copy/secrets.json"])
    expect(statSync(inHome(path)).mode & 0o077).toBe(0);
  // Control: what the file has without its write-ahead log.
  expect(() => countIn(inHome("alone.sqlite"))).toThrow(/no such table/);
  expect(countIn(inHome("it's a copy/device-db.sqlite"))).toBeGreaterThan(10);

  const second = await home.startKit("--data-dir", "it's a copy");
  const inCopy = await deliveriesAt(second);
  expect(inCopy.length).toBeGreaterThan(10);
  await eventually(async () => {
    for (const { state } of await deliveriesAt(second)) expect(state).toBe("delivered");
  });
  const refs = await refsAt(home, second);
  expect(new Set(refs).size).toBe(refs.length);
  expect(refs).toEqual(expect.arrayContaining(inCopy.map(({ id }) => id)));

  // The cards that hang in the rooms, and the pods' passwords, are good for the copy too.
  await answer(first, "fire");
  await eventually(async () =>
    expect((await deliveriesAt(second))[0]).toMatchObject({ scent: "fire", state: "delivered" }),
  );

  expect(await backUp(home.path, "it's a copy")).toMatchObject({ code: 1 });
  rmSync(inHome(".data/bot.sqlite-wal"));
  writeFileSync(inHome(".data/bot.sqlite"), "no store");
  const { code, stderr } = await backUp(home.path, "another");
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/not a database/);
});

test("of an ERP that executes each call, a copy made while paused reports nothing by itself", LONG, async () => {
  await using home = await openHome();
  const first = await home.startKit("--erp-mode", "legacy");
  const { operatorKey } = await home.secrets();
  const decide = ({ ready }: Kit, path: string, body: object) =>
    call(`${ready.deviceDb}/api/deliveries/${path}`, post(body, { authorization: `Bearer ${operatorKey}` }));

  await decide(first, "pause", { reason: "backup of Tuesday" });
  await answer(first);
  await answer(first, "air");
  await eventually(async () =>
    expect(await deliveriesAt(first)).toMatchObject([{ state: "pending" }, { state: "pending" }]),
  );
  expect(await backUp(home.path, "copy")).toMatchObject({ code: 0 });
  await decide(first, "resume", {});
  await eventually(async () =>
    expect(await deliveriesAt(first)).toMatchObject([{ state: "delivered" }, { state: "delivered" }]),
  );
  await first.stop("SIGTERM");
  // A real ERP does not go back with the copy.
  copyFileSync(join(home.path, ".data/erp.sqlite"), join(home.path, "copy/erp.sqlite"));

  const second = await home.startKit("--erp-mode", "legacy", "--data-dir", "copy");
  const [air, wood] = await deliveriesAt(second);
  expect([air, wood]).toMatchObject([{ state: "pending" }, { state: "pending" }]);
  expect(await refsAt(home, second)).toEqual([air?.id, wood?.id]);
  // One is decided by a person. The other shows what would have come of both without the pause.
  await decide(second, `${wood?.id ?? ""}/discard`, { reason: "the ERP has it" });
  await decide(second, "resume", {});
  await eventually(async () => expect(await refsAt(home, second)).toEqual([air?.id, air?.id, wood?.id]));
});
