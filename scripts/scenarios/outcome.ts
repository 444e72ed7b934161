/** What is known of a scenario that was played: all evidence that a report shows. */
import type { Delivery, SessionView } from "../../device-db/contract.ts";
import type { Usage } from "../../erp-stub/contract.ts";

/** What was expected beside what was seen, both for people. */
export type Difference = { what: string; expected: string; seen: string };

/** A step that was taken, or a fact that was looked for. `ms` is how long it took. */
export type Check = {
  name: string;
  ok: boolean | "not checked";
  ms: number;
  detail?: string;
  /** Where it stands in the file, from 1. */
  line?: number;
  differences?: Difference[];
  /** What the guest's phone showed then, as a PNG in base64. */
  screenshot?: string;
};

/** Something said in the chat, by whom and when; `end` is the bot's end of the session. */
export type Saying = {
  at: string;
  guest: string;
  by: "guest" | "bot";
  type: "message" | "end";
  text: string;
  choices?: string[];
};

export type Outcome = {
  ok: boolean;
  /** One sentence, if it is not. */
  error?: string;
  /** The first hop on the way from the guest to the ERP that did not happen, if one did not. */
  missing?: string;
  scenario: { name: string; about: string; file: string };
  /** Which of its runs it is, from 1. */
  run: number;
  seed: number;
  serial: string;
  startedAt: string;
  ms: number;
  /** As each guest left it; `answer` is what the guest said last. */
  sessions: { guest: string; id: string; answer?: string; scent?: string }[];
  said: Saying[];
  steps: Check[];
  /** Each session, and each command or event that began without one, with its hops. */
  flows: SessionView[];
  deliveries: Delivery[];
  usages: Usage[];
};

/** All that was played at a time, and where. */
export type Evidence = {
  ok: boolean;
  startedAt: string;
  ms: number;
  /** Names and versions of what was at work, for people: Node, the kit, the ERP's mode, processes, the browser. */
  environment: Record<string, string>;
  /** What people are to know about the whole, such as how many usages the ERP holds. */
  remarks: string[];
  outcomes: Outcome[];
  /** Scenarios that could not be played there, and why. */
  skipped: { name: string; file: string; reason: string }[];
};
