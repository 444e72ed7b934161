import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import type { GuestView } from "../../bot/contract.ts";
import { eventually } from "./eventually.ts";
import type { AnsweredSession } from "./flow-oracle.ts";
import { readLedgers } from "./ledgers.ts";
import { beginPatiently } from "./patient-guest.ts";

const DEADLINE_MS = 120_000;
const ASK_AGAIN_MS = 200;
const SCENTS = ["fire", "wood", "water", "air"] as const;

type Served = {
  sessions: AnsweredSession[];
  tokens: string[];
  /** Resolves with what the guests were told too early. */
  lies: Promise<string[]>;
};

/** So many guests of one pod, the next one after the answer of the one before. */
export async function serveGuests(dataDir: string, launchUrl: string, guests: number): Promise<Served> {
  const served: Served = { sessions: [], tokens: [], lies: Promise.resolve([]) };
  const lies: Promise<string[]>[] = [];
  for (let at = 0; at < guests; at += 1) {
    const scent = SCENTS[Math.floor(Math.random() * SCENTS.length)] ?? "wood";
    const { sessionId, token, cookie, answer } = await beginPatiently(launchUrl, scent, DEADLINE_MS);
    await answer();
    lies.push(liesTo({ sessionId, launchUrl, cookie }, dataDir));
    served.sessions.push({ sessionId, scent });
    served.tokens.push(token);
  }
  const all = Promise.all(lies).then(
    (each) => each.flat(),
    (error: unknown) => [`a guest was left alone: ${String(error)}`],
  );
  return { ...served, lies: all };
}

/** What the guest is told and is not on disk: that the answer is taken, then that the pod has confirmed it. */
async function liesTo(guest: { sessionId: string; launchUrl: string; cookie: string }, dataDir: string) {
  const { sessionId, launchUrl, cookie } = guest;
  const look = () => eventually(() => readLedgers(dataDir), DEADLINE_MS);
  const { bot } = await look();
  const command = bot.commands.find((row) => row.sessionId === sessionId);
  const isTaken = command !== undefined && bot.sessions.some(({ id, state }) => id === sessionId && state === "ended");
  await eventually(async () => {
    await delay(ASK_AGAIN_MS);
    const view = (await (await fetch(`${launchUrl}/session`, { headers: { cookie } })).json()) as GuestView;
    expect(view.command?.state).toBe("accepted");
  }, DEADLINE_MS);
  const { pods, deviceDb } = await look();
  const isDone = [...pods.unacked, ...deviceDb.events].some(({ commandId }) => commandId === command?.id);
  return [
    ...(isTaken ? [] : [`session ${sessionId} was said to be over and was not`]),
    ...(isDone ? [] : [`the command of session ${sessionId} was said to be confirmed and was not`]),
  ];
}
