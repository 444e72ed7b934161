/** What one guest of a scenario says and hears, in its order. */
import { setTimeout as delay } from "node:timers/promises";
import type { Step } from "./contract.ts";
import { matches } from "./expect.ts";
import { ExpectationError } from "./expectation-error.ts";
import type { Heard, ScenarioGuest } from "./guest.ts";
import type { Difference, Saying } from "./outcome.ts";

type Note = (by: Saying["by"], heard: Heard) => void;

export type Talk = ReturnType<typeof createTalk>;

const HEARS_WITHIN_MS = 20_000;
const POLL_MS = 20;

/** `note` hears of everything that is said. */
export function createTalk(phone: ScenarioGuest, note: Note) {
  const ear = createEar(phone, note);
  let session = "";
  let lastSaid = "";

  const expectHeard = (heard: Heard | undefined, differences: Difference[]): void => {
    if (differences.length > 0) throw new ExpectationError(complaint(heard, lastSaid), differences);
  };

  return {
    phone,
    sessionId: () => session,

    async scan({ scan }: Step): Promise<string> {
      ear.beginAnew();
      session = await phone.scan(typeof scan === "object" ? scan.language : undefined);
      return session;
    },

    async hear({ hear }: Step): Promise<void> {
      const { text, choices } = typeof hear === "string" ? { text: hear } : (hear ?? {});
      const heard = await ear.next();
      const ofChoices = differs("choices", choices?.join(" | "), (heard?.choices ?? []).join(" | "));
      expectHeard(heard, [...differs("text", text, heard && shown(heard)), ...ofChoices]);
    },

    async ends(): Promise<void> {
      const heard = await ear.next();
      if (heard?.type !== "end") expectHeard(heard, differs("the bot", "ends the session", heard && shown(heard)));
    },

    /** Resolves with why the chat did not take it, if it was to. */
    async say({ say: text = "", refused }: Step): Promise<string> {
      note("guest", { type: "message", text });
      lastSaid = text;
      return checkRefusals(refused, [await phone.say(text)]);
    },

    async tap({ tap = [], refused }: Step): Promise<string> {
      const buttons = [tap].flat();
      for (const text of buttons) note("guest", { type: "message", text });
      lastSaid = buttons.join(" and ");
      return checkRefusals(refused, await phone.tap(buttons));
    },

    /** What the bot has said that nobody has heard. */
    unheard: async (): Promise<string[]> => (await ear.rest()).map(shown),
  };
}

/** Hears one thing after the other, and each once. */
function createEar(phone: ScenarioGuest, note: Note) {
  let count = 0;
  return {
    beginAnew: (): void => {
      count = 0;
    },

    /** The next that the bot says to this guest, if it says anything in time. */
    async next(): Promise<Heard | undefined> {
      const giveUpAt = performance.now() + HEARS_WITHIN_MS;
      do {
        const heard = (await phone.heard())[count];
        if (heard) {
          count += 1;
          note("bot", heard);
          return heard;
        }
        await delay(POLL_MS);
      } while (performance.now() < giveUpAt);
      return undefined;
    },

    async rest(): Promise<Heard[]> {
      const more = (await phone.heard()).slice(count);
      for (const heard of more) note("bot", heard);
      return more;
    },
  };
}

function differs(what: string, expected: string | undefined, seen: string | undefined): Difference[] {
  if (expected === undefined || (seen !== undefined && matches(expected, seen))) return [];
  return [{ what, expected, seen: seen ?? "nothing" }];
}

function shown({ type, text }: Heard): string {
  return type === "end" ? "the end of the session" : text;
}

function complaint(heard: Heard | undefined, lastSaid: string): string {
  if (!heard) return "The bot says nothing more.";
  if (lastSaid !== "" && heard.choices) return `The bot did not take "${lastSaid}" as an answer and asked again.`;
  return heard.type === "end" ? "The bot ends the session." : "The bot says something else.";
}

/** Of several taps at once all but one are to be refused; else either all or none. */
function checkRefusals(expected: string | undefined, results: readonly (string | undefined)[]): string {
  const refusals = results.flatMap((result) => result ?? []);
  const wanted = expected === undefined ? 0 : Math.max(1, results.length - 1);
  if (refusals.length !== wanted) {
    const sentence = refusals.length > wanted ? `The chat refuses it: ${refusals[0] ?? ""}` : "The chat takes it.";
    throw new ExpectationError(sentence, differs("refused", String(wanted), String(refusals.length)));
  }
  const wrong = refusals.find((refusal) => !matches(expected ?? "", refusal));
  if (wrong !== undefined)
    throw new ExpectationError("The chat refuses it for another reason.", differs("refused", expected, wrong));
  return refusals.join("\n");
}
