/** A chat that was recorded, as the Bot Framework Emulator writes it, as a scenario: the bot is to say the same again. */
import { type Said, type Turn, turnsOf } from "../replay.ts";
import type { Recorded } from "../transcript-file.ts";
import type { Facts, Scenario, Step } from "./contract.ts";
import { withoutList } from "./heard.ts";

/** @throws one sentence when there is nothing to play */
export function scenarioOfTranscript(activities: readonly Recorded[], name: string): Scenario {
  const { turns, late } = turnsOf(activities);
  const steps = turns.flatMap((turn, at) => [
    ...(at === 0 || turn.begins ? [scanIn(turn)] : [sayingOf(turn)]),
    ...turn.says.flatMap(hearingsOf),
  ]);
  if (!steps.some(({ hear, ends }) => hear !== undefined || ends)) throw new Error("The bot says nothing in it.");
  const aside = late === 0 ? "" : ` ${String(late)} more it said without being asked; they are left out.`;
  return { name, about: `From a transcript: the bot is to say the same again.${aside}`, steps, expect: factsOf(steps) };
}

/** A session that ended is one usage, whatever was chosen in it. */
function factsOf(steps: readonly Step[]): Facts {
  const isEnded = steps.at(-1)?.ends === true;
  if (!isEnded) return { session: { state: "asked" } };
  const request = "GET /device/switch?serial={serial}&submit=&status=checkin&scent={scent}";
  return { session: { state: "ended", command: "accepted" }, events: ["checkin"], usages: [request] };
}

function scanIn({ locale }: Turn): Step {
  return { scan: locale === undefined ? true : { language: locale } };
}

function sayingOf({ words }: Turn): Step {
  const tapped = (words.value as { choice?: unknown } | null | undefined)?.choice;
  return typeof tapped === "string" ? { tap: tapped } : { say: words.text };
}

/** Nobody hears that the bot is typing, nor what it notes for its makers. */
function hearingsOf({ type, text, actions }: Said): Step[] {
  if (type === "endOfConversation") return [{ ends: true }];
  if (type !== "message") return [];
  return [{ hear: actions ? { text: withoutList(text, actions), choices: [...actions] } : text }];
}
