import { setTimeout as delay } from "node:timers/promises";
import { createChatGuest } from "./chat-guest.ts";

/** Calmer than a test that waits: while a service is away, asking costs as much as starting it. */
const TRY_AGAIN_MS = 100;

/** A guest who tries again whatever fails, as the page and Direct Line's clients do, with one id for the answer. */
export async function beginPatiently(launchUrl: string, scent: string, deadlineMs: number) {
  const guest = await patiently(() => createChatGuest(launchUrl), deadlineMs);
  await patiently(async () => mustBe([200, 201], await guest.start()), deadlineMs);
  return {
    sessionId: guest.id,
    token: guest.token,
    cookie: guest.cookie,
    scent,
    answer: () => patiently(async () => mustBe([200], await guest.say(scent, guest.id)), deadlineMs),
  };
}

function mustBe(wanted: readonly number[], { status, body }: { status: number; body: unknown }): void {
  if (!wanted.includes(status)) throw new Error(`The bot answered ${String(status)}: ${JSON.stringify(body)}`);
}

async function patiently<T>(attempt: () => Promise<T>, deadlineMs: number): Promise<T> {
  const giveUpAt = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
    }
    await delay(TRY_AGAIN_MS);
  }
}
