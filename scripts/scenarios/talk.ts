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
  const sessions: string[] = [];
  let lastSaid = "";

  return {
    phone,
    /** Of all sessions that this guest has begun, in their order. */
    sessionIds: (): readonly string[] => sessions,

    async scan({ scan }: Step): Promise<string> {
      if (sessions.length > 0) await ear.checkAllHeard();
      ear.beginAnew();
      lastSaid = "";
      const session = await phone.scan(typeof scan === "object" ? scan.language : undefined);
      if (!sessions.includes(session)) sessions.push(session);
      return session;
    },

    hear: async ({ hear = {} }: Step): Promise<void> => checkHeard(await ear.next(), hear, lastSaid),
    ends: async (): Promise<void> => checkEnd(await ear.next(), lastSaid),

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

    checkAllHeard: () => ear.checkAllHeard(),
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

    /** @throws {ExpectationError} when the bot has said something that no step has heard */
    async checkAllHeard(): Promise<void> {
      const more = (await phone.heard()).slice(count);
      for (const heard of more) note("bot", heard);
      count += more.length;
      if (more.length === 0) return;
      const difference = { what: "the bot", expected: "says no more", seen: shown(more[0]) };
      throw new ExpectationError("The bot says more than the scenario hears.", [difference]);
    },
  };
}

function checkHeard(heard: Heard | undefined, hear: NonNullable<Step["hear"]>, lastSaid: string): void {
  const { text, choices } = typeof hear === "string" ? { text: hear } : hear;
  const differences =
    heard?.type === "message"
      ? [...differs("text", text, heard.text), ...choicesDiffer(choices, heard.choices)]
      : [{ what: "the bot", expected: text ?? "says something", seen: shown(heard) }];
  if (differences.length > 0) throw new ExpectationError(complaint(heard, lastSaid), differences);
}

function checkEnd(heard: Heard | undefined, lastSaid: string): void {
  if (heard?.type === "end") return;
  const difference = { what: "the bot", expected: "ends the session", seen: shown(heard) };
  throw new ExpectationError(complaint(heard, lastSaid), [difference]);
}

function differs(what: string, expected: string | undefined, seen: string | undefined): Difference[] {
  if (expected === undefined || (seen !== undefined && matches(expected, seen))) return [];
  return [{ what, expected, seen: seen ?? "nothing" }];
}

/** Buttons are what they are, and in their order. */
function choicesDiffer(expected: readonly string[] | undefined, seen: readonly string[] = []): Difference[] {
  const isSame = !expected || (expected.length === seen.length && expected.every((each, at) => each === seen[at]));
  return isSame ? [] : [{ what: "choices", expected: expected.join("\n"), seen: seen.join("\n") || "nothing" }];
}

function shown(heard: Heard | undefined): string {
  if (!heard) return "nothing";
  return heard.type === "end" ? "the end of the session" : heard.text;
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
