/** The sentences that every report says of what was played. */
import type { Check, Evidence, Outcome } from "../scenarios/outcome.ts";
import { isPassed, type Played, playedIn } from "./played.ts";

/** One sentence for those who read no further. */
export function headline(evidence: Evidence): string {
  const played = playedIn(evidence);
  const failed = played.filter((one) => !isPassed(one));
  if (played.length === 0)
    return evidence.skipped.length > 0 ? "No scenario could be played." : "No scenario was played.";
  if (failed.length > 0) return headlineOfFailure(played, failed.length);
  if (!evidence.ok) return "Each scenario passed, but the whole does not add up.";
  const runs = evidence.outcomes.length;
  if (played.length > 1) return `${all(played.length)} scenarios passed.`;
  return runs > 1 ? `${all(runs)} runs passed.` : "The scenario passed.";
}

function headlineOfFailure(played: readonly Played[], failed: number): string {
  if (played.length > 1) return `${String(failed)} of ${String(played.length)} scenarios failed.`;
  const [{ runs, failures }] = played as [Played];
  return runs.length > 1 ? `${String(failures.length)} of ${String(runs.length)} runs failed.` : "The scenario failed.";
}

/** What follows from it, in plain words. */
export function meaning(evidence: Evidence): string[] {
  const { outcomes } = evidence;
  const failures = outcomes.filter(({ ok }) => !ok);
  if (outcomes.length === 0) return ["Nothing is proved by this report."];
  const began =
    "A guest answers one question in a chat, the diffuser in the room starts, and the hotel’s ERP gets one usage.";
  const rest = failures.length > 0 ? broken(outcomes, failures) : whole(evidence);
  return [began, rest, ...unchecked(outcomes)];
}

function whole({ ok, outcomes }: Evidence): string {
  if (!ok)
    return "Each scenario saw what it expects; but counted together something is missing or too much, as told here.";
  const { chats, usages } = totals(outcomes);
  return `That was played here as it happens in a hotel, with ${counted(chats, "chat")} and ${counted(usages, "usage")}, and everything was found as it should be.`;
}

function broken(outcomes: readonly Outcome[], failures: readonly Outcome[]): string {
  const others = outcomes.length - failures.length;
  const rest = others === 0 ? "" : ` ${others === 1 ? "The other one" : `The other ${counted(others, "run")}`} passed.`;
  return `That was played here as it happens in a hotel, and it did not go as it should: what failed comes first, with what was expected and what was seen.${rest}`;
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

export function counted(number: number, thing: string): string {
  return `${String(number)} ${thing}${number === 1 ? "" : "s"}`;
}

function all(number: number): string {
  return number === 2 ? "Both" : `All ${String(number)}`;
}
