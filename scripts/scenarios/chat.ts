/** The guests of a run: what each says and hears, in the order of the scenario. */
import { setTimeout as delay } from "node:timers/promises";
import type { Step } from "./contract.ts";
import { matches } from "./expect.ts";
import type { Heard, ScenarioGuest } from "./guest.ts";
import type { Difference, Saying } from "./outcome.ts";

/** Something is not as the scenario expects. */
export class ExpectationError extends Error {
  override name = "ExpectationError";
  readonly differences: Difference[];

  constructor(message: string, differences: Difference[] = []) {
    super(message);
    this.differences = differences;
  }
}

type Guest = { name: string; phone: ScenarioGuest; sessionId: string; heard: number; lastSaid: string };

export type Chat = ReturnType<typeof createChat>;

const HEARS_WITHIN_MS = 20_000;
const POLL_MS = 20;
/** The name of the one guest who needs none. */
const ONLY_GUEST = "guest";
const NOTHING: Heard = { type: "message", text: "" };

/** `openPhone` gives a guest a phone with the launch link in it. */
export function createChat(openPhone: (name: string) => Promise<ScenarioGuest>) {
  const guests = new Map<string, Guest>();
  const said: Saying[] = [];

  async function guestOf({ guest: name = ONLY_GUEST }: Step): Promise<Guest> {
    const there = guests.get(name);
    if (there) return there;
    const guest = { name, phone: await openPhone(name), sessionId: "", heard: 0, lastSaid: "" };
    guests.set(name, guest);
    return guest;
  }

  function note(guest: Guest, by: Saying["by"], { type, text, choices }: Heard): void {
    said.push({ at: new Date().toISOString(), guest: guest.name, by, type, text, ...(choices ? { choices } : {}) });
  }

  /** The next that the bot says to this guest. */
  async function next(guest: Guest): Promise<Heard | undefined> {
    const giveUpAt = performance.now() + HEARS_WITHIN_MS;
    do {
      const heard = (await guest.phone.heard())[guest.heard];
      if (heard) {
        guest.heard += 1;
        note(guest, "bot", heard);
        return heard;
      }
      await delay(POLL_MS);
    } while (performance.now() < giveUpAt);
    return undefined;
  }

  return {
    said,
    phoneOf: ({ guest = ONLY_GUEST }: Step): ScenarioGuest | undefined => guests.get(guest)?.phone,
    sessions: () => [...guests.values()].map(({ name, phone, sessionId }) => ({ guest: name, id: sessionId, phone })),

    async scan(step: Step): Promise<string> {
      const guest = await guestOf(step);
      guest.heard = 0;
      guest.sessionId = await guest.phone.scan(typeof step.scan === "object" ? step.scan.language : undefined);
      return guest.sessionId;
    },

    reload: async (step: Step): Promise<void> => (await guestOf(step)).phone.reload(),

    async hear(step: Step): Promise<string> {
      const guest = await guestOf(step);
      const { text, choices } = typeof step.hear === "string" ? { text: step.hear } : (step.hear ?? {});
      const heard = await next(guest);
      const differences = [
        ...differs("text", text, heard && shown(heard)),
        ...differs("choices", choices?.join(" | "), (heard?.choices ?? []).join(" | ")),
      ];
      if (differences.length > 0) throw new ExpectationError(complaint(guest, heard), differences);
      return "";
    },

    async ends(step: Step): Promise<void> {
      const guest = await guestOf(step);
      const heard = await next(guest);
      if (heard?.type === "end") return;
      throw new ExpectationError(
        complaint(guest, heard),
        differs("the bot", "ends the session", heard && shown(heard)),
      );
    },

    async say(step: Step): Promise<void> {
      const guest = await guestOf(step);
      const { say: text = "" } = step;
      note(guest, "guest", { type: "message", text });
      guest.lastSaid = text;
      checkRefusals(step, [await guest.phone.say(text)]);
    },

    async tap(step: Step): Promise<void> {
      const guest = await guestOf(step);
      const buttons = typeof step.tap === "string" ? [step.tap] : (step.tap ?? []);
      for (const text of buttons) note(guest, "guest", { type: "message", text });
      guest.lastSaid = buttons.join(" and ");
      checkRefusals(step, await guest.phone.tap(buttons));
    },

    /** @throws {ExpectationError} when the bot has said something that no step has heard */
    async heardAll(): Promise<void> {
      for (const guest of guests.values()) {
        const more = (await guest.phone.heard()).slice(guest.heard);
        for (const heard of more) note(guest, "bot", heard);
        const [first] = more;
        if (first)
          throw new ExpectationError(
            "The bot says more than the scenario hears.",
            differs("the bot", "says no more", shown(first)),
          );
      }
    },

    close: async (): Promise<void> => {
      await Promise.all([...guests.values()].map(({ phone }) => phone.close()));
    },
  };
}

function differs(what: string, expected: string | undefined, seen: string | undefined): Difference[] {
  if (expected === undefined || (seen !== undefined && matches(expected, seen))) return [];
  return [{ what, expected, seen: seen ?? "nothing" }];
}

function shown({ type, text }: Heard = NOTHING): string {
  return type === "end" ? "the end of the session" : text;
}

function complaint({ lastSaid }: Guest, heard: Heard | undefined): string {
  if (!heard) return "The bot says nothing more.";
  if (lastSaid !== "" && heard.choices) return `The bot did not take "${lastSaid}" as an answer and asked again.`;
  return heard.type === "end" ? "The bot ends the session." : "The bot says something else.";
}

/** Of several taps at once all but one are to be refused; else either all or none. */
function checkRefusals({ refused: expected }: Step, results: readonly (string | undefined)[]): void {
  const refusals = results.flatMap((result) => result ?? []);
  const wanted = expected === undefined ? 0 : Math.max(1, results.length - 1);
  if (refusals.length !== wanted) {
    const sentence = refusals.length > wanted ? `The chat refuses it: ${refusals[0] ?? ""}` : "The chat takes it.";
    throw new ExpectationError(sentence, [
      { what: "refused", expected: String(wanted), seen: String(refusals.length) },
    ]);
  }
  const wrong = refusals.find((refusal) => !matches(expected ?? "", refusal));
  if (wrong !== undefined)
    throw new ExpectationError("The chat refuses it for another reason.", differs("refused", expected, wrong));
}
