/** The guests of a run, and all that is said. */
import type { Step } from "./contract.ts";
import type { ScenarioGuest } from "./guest.ts";
import type { Saying } from "./outcome.ts";
import { createTalk, type Talk } from "./talk.ts";

/** The name of the one guest who needs none. */
export const ONLY_GUEST = "guest";

/** `openPhone` gives a guest a phone with the launch link in it. */
export function createChat(openPhone: (name: string) => Promise<ScenarioGuest>) {
  const talks = new Map<string, Talk>();
  const said: Saying[] = [];

  async function talkOf({ guest = ONLY_GUEST }: Step): Promise<Talk> {
    const there = talks.get(guest);
    if (there) return there;
    const note: Parameters<typeof createTalk>[1] = (by, heard) =>
      void said.push({ at: new Date().toISOString(), guest, by, ...heard });
    const talk = createTalk(await openPhone(guest), note);
    talks.set(guest, talk);
    return talk;
  }

  return {
    said,
    /** What the guest of a step does or hears. */
    talkOf,
    sessions: () => [...talks].map(([guest, { sessionIds, phone }]) => ({ guest, ids: sessionIds(), phone })),
    phoneOf: ({ guest = ONLY_GUEST }: Step): ScenarioGuest | undefined => talks.get(guest)?.phone,

    /** @throws {ExpectationError} when the bot has said something that no step has heard */
    async heardAll(): Promise<void> {
      for (const talk of talks.values()) await talk.checkAllHeard();
    },

    close: async (): Promise<void> => {
      await Promise.all([...talks.values()].map(({ phone }) => phone.close()));
    },
  };
}
