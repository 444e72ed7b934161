import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { startCommands } from "../../bot/commands.ts";
import type { NewCommand } from "../../bot/session.ts";
import { openBotStore } from "../../bot/store.ts";
import type { Command } from "../../device-sim/contract.ts";
import { systemClock } from "../../plumbing/clock.ts";
import { createLog } from "../../plumbing/log.ts";

const LIFE_MS = 60_000;

/** One open command; its timers ring when the test says so. */
async function openCommands() {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const folder = await mkdtemp(join(tmpdir(), "commands-test-"));
  const store = openBotStore(join(folder, "bot.sqlite"));
  const sent: Command[] = [];
  const deps = {
    store: store.sessions,
    publish: (_serial: string, command: Command) => sent.push(command),
    onSettled: () => undefined,
    clock: { ...systemClock, now: () => Date.now() },
    log: createLog("silent"),
  };
  let commands = startCommands(deps);
  onTestFinished(async () => {
    commands.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  const at = Date.now();
  const session = {
    id: "s",
    serial: "pod-1",
    channel: "directline",
    conversation: "s",
    userId: "guest",
    locale: "en",
    startedAt: at,
    dueAt: at,
  };
  const command: NewCommand = {
    id: "c",
    sessionId: "s",
    serial: "pod-1",
    scent: "wood",
    issuedAt: at,
    expiresAt: at + LIFE_MS,
  };
  await store.sessions.begin(session);
  await store.sessions.change("s", { to: "asked" });
  await store.sessions.change("s", { to: "ended", answer: "b", scent: "wood", at, command });
  commands.send(command);
  return {
    replied: (serial: string, outcome: "accepted" | "rejected") =>
      commands.replied(serial, { commandId: "c", outcome }),
    sendAllAgain: () => commands.sendAllAgain(),
    /** As after the bot was started again. */
    restart: () => {
      commands.close();
      commands = startCommands(deps);
    },
    lives: () => sent.map(({ ttlS }) => ttlS),
    state: () => store.sessions.command("c")?.state,
  };
}

/** What nobody waits for joins a commit within this time. */
const passCommit = () => vi.advanceTimersByTimeAsync(100);

test("a reply counts for a command of that pod only, and ends the repeats", async () => {
  const { replied, lives, state } = await openCommands();
  replied("pod-2", "rejected");
  replied("pod-1", "accepted");
  await passCommit();
  expect(state()).toBe("accepted");
  await vi.advanceTimersByTimeAsync(LIFE_MS);
  expect(lives()).toEqual([60]);
});

test("without a reply a command is sent again and again with the life that it has left, and expires in the end", async () => {
  const { lives, state } = await openCommands();
  await vi.advanceTimersByTimeAsync(LIFE_MS - 1);
  expect([lives(), state()]).toEqual([[60, 58, 54, 46, 31, 16, 1], "pending"]);
  await passCommit();
  expect([lives().length, state()]).toEqual([7, "expired"]);
});

test("a clock that is set back makes no command live longer", async () => {
  const { lives, state } = await openCommands();
  vi.setSystemTime(Date.now() - 3_600_000);
  await vi.advanceTimersByTimeAsync(LIFE_MS + 100);
  expect([lives(), state()]).toEqual([[60, 58, 54, 46, 31, 16, 1], "expired"]);
});

test("after a reconnect, and after a restart of the bot, what is open is sent at once", async () => {
  const { lives, sendAllAgain, restart } = await openCommands();
  await vi.advanceTimersByTimeAsync(1_000);
  sendAllAgain();
  await vi.advanceTimersByTimeAsync(500);
  restart();
  expect(lives()).toEqual([60, 59, 58.5]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(lives()).toEqual([60, 59, 58.5, 56.5]);
});

test("the pod's late word on an expired command is still the truth", async () => {
  const { replied, state } = await openCommands();
  await vi.advanceTimersByTimeAsync(LIFE_MS + 100);
  expect(state()).toBe("expired");
  replied("pod-1", "accepted");
  await passCommit();
  expect(state()).toBe("accepted");
});
