/** The sentences that every report says of what was played. */

import type { Check, Difference, Evidence, Outcome } from "../scenarios/outcome.ts";
import { counted } from "../words.ts";
import { isPassed, playedIn } from "./played.ts";

/** One sentence for those who read no further. */
export function headline(evidence: Evidence): string {
  const { ok, outcomes, skipped } = evidence;
  const played = playedIn(evidence);
  if (played.length === 0) return skipped.length > 0 ? "No scenario could be played." : "No scenario was played.";
  if (!ok && played.every(isPassed)) return "Each scenario passed, but the whole does not add up.";
  if (played.length > 1) return shares(played.filter(isPassed).length, played.length, "scenarios");
  const name = `“${played[0]?.scenario.name ?? ""}”`;
  if (outcomes.length === 1) return `${name} ${ok ? "passed" : "failed"}.`;
  return shares(outcomes.filter((outcome) => outcome.ok).length, outcomes.length, `runs of ${name}`);
}

function shares(passed: number, of: number, things: string): string {
  if (passed === of) return `${of === 2 ? "Both" : `All ${String(of)}`} ${things} passed.`;
  return `${String(of - passed)} of ${String(of)} ${things} failed.`;
}

/** What should happen, what follows from what was seen, and what nobody looked at; in plain words. */
export function meaning(evidence: Evidence): string[] {
  const { ok, outcomes } = evidence;
  if (outcomes.length === 0) return ["Nothing is proved by this report."];
  const aim =
    "A guest answers one question in a chat, the diffuser in the room starts, and the hotel’s ERP gets one usage.";
  const failures = outcomes.filter((outcome) => !outcome.ok);
  if (failures.length > 0) return [aim, broken(failures, outcomes.length), ...unchecked(outcomes)];
  if (!ok) return [aim, "Each scenario saw what it expects, but counted together something is missing or too much."];
  return [aim, whole(outcomes), ...unchecked(outcomes)];
}

function whole(outcomes: readonly Outcome[]): string {
  const { chats, usages } = totals(outcomes);
  const led = `${counted(chats, "chat")} with guests led to ${counted(usages, "usage")} in the ERP`;
  return `It was played here as it happens in a hotel. ${led}, and every check found what it should.`;
}

function broken(failures: readonly Outcome[], of: number): string {
  const passed = of - failures.length;
  const first = `It was played here as it happens in a hotel, and ${often(failures.length)} it did not go as it should`;
  const [only, ...others] = failures;
  const why = only && others.length === 0 ? `: ${reasonOf(only)}` : ".";
  const rest = passed > 0 ? ` ${counted(passed, "run")} passed.` : "";
  return `${first}${why} What failed comes first, with what was expected and what was seen.${rest}`;
}

function often(number: number): string {
  return ["once", "twice"][number - 1] ?? `${String(number)} times`;
}

function unchecked(outcomes: readonly Outcome[]): string[] {
  const number = outcomes.flatMap(({ steps }) => steps).filter(({ ok }) => ok === "not checked").length;
  if (number === 0) return [];
  const proves = number === 1 ? "It is marked “not checked” and proves" : "They are marked “not checked” and prove";
  return [`${counted(number, "check")} could not be made from here. ${proves} nothing.`];
}

/** Chats that were begun, and usages that the ERP holds of them; kits of their own number theirs from 1 on. */
export function totals(outcomes: readonly Outcome[]): { chats: number; usages: number } {
  const chats = outcomes.reduce((sum, { sessions }) => sum + sessions.length, 0);
  const usages = outcomes.flatMap((outcome) =>
    outcome.usages.map(({ id, serial, checkinAt }) => `${serial} ${id} ${checkinAt}`),
  );
  return { chats, usages: new Set(usages).size };
}

/** What went wrong in a run, in one sentence. */
export function reasonOf({ error, steps }: Outcome): string {
  const failed = failedCheck(steps);
  return error ?? failed?.detail ?? (failed ? `${failed.name} did not hold.` : "No reason was given.");
}

/** The step at which a run failed. */
export function failedCheck(steps: readonly Check[]): Check | undefined {
  return steps.find(({ ok }) => ok === false);
}

/** All that was otherwise than expected, in the order of the steps. */
export function differencesOf({ steps }: Outcome): Difference[] {
  return steps.flatMap(({ ok, differences = [] }) => (ok === false ? differences : []));
}

/** Where in its file a run failed. */
export function placeOf({ scenario: { file }, steps }: Outcome): string {
  const line = failedCheck(steps)?.line;
  return line === undefined ? file : `${file}:${String(line)}`;
}

/** What is wrong about the whole, if it is not one of its runs. */
export function flawOfWhole({ ok, outcomes, skipped, remarks }: Evidence): string | undefined {
  if (ok || outcomes.some((outcome) => !outcome.ok)) return undefined;
  const [first] = skipped;
  if (remarks.length > 0) return remarks.join(" ");
  return outcomes.length === 0 && first ? first.reason : "Counted together, it does not add up.";
}
