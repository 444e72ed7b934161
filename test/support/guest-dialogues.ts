import { expect } from "vitest";
import type { Heard, ScenarioGuest } from "../../scripts/scenarios/guest.ts";

/** Something that a guest says in a room, and all that the guest hears until then. */
type Dialogue = {
  name: string;
  language?: string;
  says: (guest: ScenarioGuest) => Promise<unknown>;
  /** What `says` resolves with. */
  told?: unknown;
  hears: Heard[];
};

const CHOICES = ["a) Fire", "b) Wood", "c) Water", "d) Air"];
export const QUESTION: Heard = { type: "message", text: "Which scent would you like?", choices: CHOICES };
export const AGAIN: Heard = { ...QUESTION, text: `Sorry, I did not understand that. ${QUESTION.text}` };
export const STILL_THERE: Heard = { type: "message", text: "Are you still there? This chat closes soon." };
export const CLOSED: Heard = {
  type: "message",
  text: "There was no answer for a while, so this chat has closed. You are welcome to scan the card again at any time.",
};
/** The bot and the page say it in their own words. */
export const REFUSED = expect.stringContaining("scan the card again") as string;
export const END: Heard = { type: "end", text: "" };
export const thanksFor = (scent: string): Heard[] => [
  { type: "message", text: `Thank you. I am asking your AromaPod for ${scent}.` },
  END,
];

const GERMAN: Heard[] = [
  {
    type: "message",
    text: "Welchen Duft wünschen Sie?",
    choices: ["a) Feuer", "b) Holz", "c) Wasser", "d) Luft"],
  },
  { type: "message", text: "Vielen Dank. Ich bitte Ihren AromaPod um den Duft „Holz“." },
  END,
];
const JAPANESE: Heard[] = [
  { type: "message", text: "どの香りになさいますか？", choices: ["a) 火", "b) 木", "c) 水", "d) 空気"] },
];

export const DIALOGUES: Dialogue[] = [
  ...["fire", "Wood", "c) Water", "D) AIR"].map((button) => ({
    name: `taps ${button}`,
    says: (guest: ScenarioGuest) => guest.tap([button]),
    told: [undefined],
    hears: [QUESTION, ...thanksFor(button.replace(/^.\) /, "").toLowerCase())],
  })),
  { name: "writes a letter", says: (guest) => guest.say("b"), hears: [QUESTION, ...thanksFor("wood")] },
  {
    name: "writes nonsense twice, then a name",
    says: async (guest) => [await guest.say("maybe"), await guest.say("later"), await guest.say("air")],
    told: [undefined, undefined, undefined],
    hears: [QUESTION, AGAIN, AGAIN, ...thanksFor("air")],
  },
  { name: "speaks German", language: "de-AT", says: (guest) => guest.tap(["Holz"]), hears: GERMAN },
  { name: "speaks Japanese, and says nothing", language: "ja", says: async () => undefined, hears: JAPANESE },
  {
    name: "loads the page again in the middle",
    says: async (guest) => {
      await guest.say("maybe");
      await guest.reload();
      await guest.say("later");
      await guest.reload();
      return guest.tap(["fire"]);
    },
    hears: [QUESTION, AGAIN, AGAIN, ...thanksFor("fire")],
  },
  {
    name: "loads the page again at the end",
    says: async (guest) => {
      await guest.say("maybe");
      await guest.say("wood");
      await guest.reload();
    },
    hears: [QUESTION, AGAIN, ...thanksFor("wood")],
  },
  {
    name: "scans the card again in the middle, and at the end",
    says: async (guest) => {
      await guest.say("maybe");
      await guest.scan();
      await guest.say("water");
      await guest.scan();
      await guest.say("later");
      return guest.tap(["fire"]);
    },
    told: [undefined],
    hears: [QUESTION, AGAIN, ...thanksFor("fire")],
  },
  {
    name: "taps a button twice",
    says: async (guest) => (await guest.tap(["air", "air"])).filter((refused) => refused !== undefined),
    told: [REFUSED],
    hears: [QUESTION, ...thanksFor("air")],
  },
  {
    name: "writes and taps after the end",
    says: async (guest) => [await guest.say("a"), await guest.say("b"), ...(await guest.tap(["wood"]))],
    told: [undefined, "This conversation has ended; scan the card again.", REFUSED],
    hears: [QUESTION, ...thanksFor("fire")],
  },
];
