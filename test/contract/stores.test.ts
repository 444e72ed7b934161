import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import type { SessionChange } from "../../bot/session.ts";
import { openBotStore } from "../../bot/store.ts";
import type { DeviceEvent } from "../../device-sim/contract.ts";
import { openPodStore } from "../../device-sim/store.ts";

const AT = 1_000;

async function temporaryFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "stores-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "store.sqlite");
}

/** Makes every insert into a table fail, until it is told to end. */
function breakTable(file: string, table: string) {
  const run = (sql: string) => {
    const db = new Database(file);
    db.exec(sql);
    db.close();
  };
  run(`CREATE TRIGGER broken BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, 'broken'); END`);
  return () => run("DROP TRIGGER broken");
}

describe("the bot's store", () => {
  const end = (id: string): SessionChange => ({
    to: "ended",
    answer: "b",
    scent: "wood",
    at: AT,
    command: { id, sessionId: "s", serial: "pod-1", scent: "wood", issuedAt: AT, expiresAt: AT + 1 },
  });

  async function openAsked() {
    const file = await temporaryFile();
    const store = openBotStore(file);
    onTestFinished(() => store.close());
    const who = { serial: "pod-1", channel: "directline", conversation: "s", userId: "guest", locale: "en" };
    await store.sessions.begin({ id: "s", ...who, startedAt: AT, dueAt: AT });
    await store.sessions.change("s", { to: "asked" });
    return { file, store };
  }

  test("takes the first of two answers that come at the same instant", async () => {
    const { store } = await openAsked();
    const ends = ["c1", "c2"].map((id) => store.sessions.change("s", end(id)));
    expect(await Promise.all(ends)).toEqual([true, false]);
    expect(store.sessions.commandOf("s")).toMatchObject({ id: "c1" });
  });

  test.each<[how: string, over: SessionChange]>([
    ["ended", end("c")],
    ["abandoned", { to: "abandoned", at: AT }],
  ])("leaves a session as it is that has %s, whatever comes late", async (_, over) => {
    const { store } = await openAsked();
    expect(await store.sessions.change("s", over)).toBe(true);
    const left = store.sessions.find("s");
    const late: SessionChange[] = [
      { to: "asked" },
      { to: "heard", dueAt: AT, warned: 0, locale: "de" },
      { to: "warned", at: AT, dueAt: AT + 1 },
      { to: "abandoned", at: AT + 1 },
      end("late"),
    ];
    for (const change of late)
      expect([change.to, await store.sessions.change("s", change)]).toEqual([change.to, false]);
    expect([store.sessions.find("s"), store.sessions.command("late"), store.sessions.due(AT)]).toEqual([
      left,
      undefined,
      [],
    ]);
  });

  test("ends a session with its command and what was said, or not at all", async () => {
    const { file, store } = await openAsked();
    const farewell = () =>
      store.commitTurn({ conversation: "s", sessionId: "s", replies: [{ text: "Bye" }], change: end("c"), at: AT });
    const kept = () => [
      store.sessions.find("s")?.state,
      store.sessions.openCommands().length,
      store.activities.after("s", 0).length,
    ];
    const mend = breakTable(file, "commands");
    await expect(farewell()).rejects.toThrow("broken");
    expect(kept()).toEqual(["asked", 0, 0]);
    mend();
    await farewell();
    expect(kept()).toEqual(["ended", 1, 1]);
  });
});

test("a pod knows a command with its event, or not at all", async () => {
  const file = await temporaryFile();
  const store = openPodStore(file);
  onTestFinished(() => store.close());
  await store.register(["pod-1"], AT);
  const event: DeviceEvent = { id: "e", seq: 1, status: "checkin", scent: "wood", at: "2026-03-01T12:00:00.000Z" };
  const seen: unknown[] = [];
  const carryOut = () =>
    store.carryOut("pod-1", "c", {
      judge: (pod, earlier) => {
        seen.push(earlier);
        return { outcome: "accepted", effect: { pod: { ...pod, seq: 1 }, events: [] } };
      },
      stamp: () => [event],
    });
  const mend = breakTable(file, "unacked_events");
  await expect(carryOut()).rejects.toThrow("broken");
  expect([store.pod("pod-1").seq, store.unackedEvents("pod-1")]).toEqual([0, []]);
  mend();
  await carryOut();
  expect([seen, store.pod("pod-1").seq, store.unackedEvents("pod-1")]).toEqual([[undefined, undefined], 1, [event]]);
});
