/** What the hotel asks a pod for, in the words of a scenario. */
import { SCENTS } from "../../device-sim/contract.ts";

/** `from` and `to` may stand for moments from now on, in milliseconds. */
export type Order =
  | { action: "checkin"; scent: string }
  | { action: "checkout" }
  | { action: "schedule"; scent: string; from: string | number; to: string | number };

const CLOCK_TIME = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/;
const FROM_NOW = /^now\+(\d{1,4})s$/;
const USAGE = `It is "checkin <scent>", "checkout" or "schedule <from> <to> <scent>", with times such as 08:00 or now+2s.`;

/** The order, or a sentence about what is wrong with its words. */
export function orderOf(text: string): Order | string {
  const [action, ...words] = text.trim().split(/\s+/);
  if (action === "checkout" && words.length === 0) return { action };
  if (action === "checkin" && words.length === 1) return withScent(words[0], (scent) => ({ action, scent }));
  if (action !== "schedule" || words.length !== 3) return USAGE;
  const [from, to] = [timeOf(words[0]), timeOf(words[1])];
  if (from === undefined || to === undefined) return USAGE;
  return withScent(words[2], (scent) => ({ action, scent, from, to }));
}

function withScent(word: string | undefined, order: (scent: string) => Order): Order | string {
  const scent = SCENTS.find((each) => each === word);
  return scent ? order(scent) : `"${word ?? ""}" is no scent; it must be one of ${SCENTS.join(", ")}.`;
}

function timeOf(word = ""): string | number | undefined {
  const [, seconds] = FROM_NOW.exec(word) ?? [];
  if (seconds !== undefined) return Number(seconds) * 1_000;
  if (!CLOCK_TIME.test(word)) return undefined;
  return word.length === 5 ? `${word}:00` : word;
}
