import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startCommands } from "../../bot/commands.ts";
import type { NewCommand } from "../../bot/session-store.ts";
import { openBotStore } from "../../bot/store.ts";
import type { Command } from "../../device-sim/contract.ts";
import { systemClock } from "../../plumbing/clock.ts";
import { createLog } from "../../plumbing/log.ts";
import { eventually } from "../support/eventually.ts";

async function openCommands(lifeMs: number) {
  const folder = await mkdtemp(join(tmpdir(), "commands-test-"));
  const store = openBotStore(join(folder, "bot.sqlite"));
  const sent: Command[] = [];
  const publish = (_serial: string, command: Command) => sent.push(command);
  const commands = startCommands({
    store: store.sessions,
    publish,
    onSettled: () => undefined,
    clock: systemClock,
    log: createLog("silent"),
  });
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
    startedAt: at,
  };
  const command: NewCommand = {
    id: "c",
    sessionId: "s",
    serial: "pod-1",
    scent: "wood",
    issuedAt: at,
    expiresAt: at + lifeMs,
  };
  await store.sessions.begin(session);
  await store.sessions.change("s", { to: "asked" });
  await store.sessions.change("s", { to: "ended", answer: "b", scent: "wood", at, command });
  commands.send(command);
  return { commands, sent, state: () => store.sessions.command("c")?.state };
}

test("a reply counts for a command of that pod only", async () => {
  const { commands, state } = await openCommands(60_000);
  commands.replied("pod-2", { commandId: "c", outcome: "rejected", reason: "not mine" });
  commands.replied("pod-1", { commandId: "c", outcome: "accepted" });
  await eventually(() => expect(state()).toBe("accepted"));
});

test("without a reply a command is sent again with the life that it has left, and expires in the end", async () => {
  const { commands, sent, state } = await openCommands(1_000);
  commands.sendAllAgain();
  await eventually(() => expect(state()).toBe("expired"));
  const [first, again] = sent.map(({ ttlS }) => ttlS);
  expect(sent.length).toBe(2);
  expect(first).toBeLessThanOrEqual(1);
  expect(again).toBeLessThanOrEqual(first ?? 0);
});

test("the pod's late word on an expired command is still the truth", async () => {
  const { commands, state } = await openCommands(1);
  await eventually(() => expect(state()).toBe("expired"));
  commands.replied("pod-1", { commandId: "c", outcome: "accepted" });
  await eventually(() => expect(state()).toBe("accepted"));
});
