/** Evidence in the common JUnit format, as https://github.com/testmoapp/junitxml describes it. */
import { type Html, html } from "../../plumbing/html.ts";
import type { Check, Evidence, Outcome } from "../scenarios/outcome.ts";
import { printable } from "./printable.ts";
import { flowText } from "./text.ts";
import { differencesOf, failedCheck, flawOfWhole, headline, placeOf, reasonOf } from "./verdict.ts";

type Skipped = Evidence["skipped"][number];
type Suite = { file: string; outcomes: readonly Outcome[]; skipped: readonly Skipped[] };

/** A suite for each file, a case for each run; what is wrong about the whole is a case of its own. */
export function evidenceJunit(evidence: Evidence): string {
  const { startedAt, ms, outcomes, skipped } = evidence;
  const flaw = flawOfWhole(evidence);
  const own = flaw === undefined ? 0 : 1;
  const counts = countsOf({ file: "", outcomes, skipped }, { ms, startedAt, own });
  return printable(
    html`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="${attribute(`AromaPod: ${headline(evidence)}`)}"${counts}>${suitesOf(evidence).map((suite) => suiteOf(suite, evidence))}${flaw !== undefined && suiteOfWhole(flaw, evidence)}
</testsuites>
`.markup,
  );
}

function suitesOf({ outcomes, skipped }: Evidence): Suite[] {
  const files = new Set([...outcomes.map(({ scenario }) => scenario.file), ...skipped.map(({ file }) => file)]);
  return [...files].map((file) => ({
    file,
    outcomes: outcomes.filter(({ scenario }) => scenario.file === file),
    skipped: skipped.filter((one) => one.file === file),
  }));
}

function suiteOf(suite: Suite, evidence: Evidence): Html {
  const { file, outcomes, skipped } = suite;
  const ms = outcomes.reduce((sum, outcome) => sum + outcome.ms, 0);
  const counts = countsOf(suite, { ms, startedAt: outcomes[0]?.startedAt ?? evidence.startedAt, own: 0 });
  const isRepeated = new Set(outcomes.map(({ scenario }) => scenario.name)).size < outcomes.length;
  return html`
  <testsuite name="${attribute(file)}"${counts} file="${attribute(file)}">
    ${surroundings(evidence)}${outcomes.map((outcome) => caseOf(outcome, isRepeated))}${skipped.map(skippedCase)}
  </testsuite>`;
}

function surroundings({ environment, remarks }: Evidence): Html {
  return properties([...Object.entries(environment), ...remarks.map((remark): [string, string] => ["remark", remark])]);
}

/** `own` is how many failed cases there are beside those of the runs. */
function countsOf(
  { outcomes, skipped }: Suite,
  { ms, startedAt, own }: { ms: number; startedAt: string; own: number },
) {
  const failures = outcomes.filter(({ ok }) => !ok).length + own;
  const tests = outcomes.length + skipped.length + own;
  const assertions = outcomes.reduce((sum, outcome) => sum + assertionsOf(outcome), own);
  return html` tests="${tests}" failures="${failures}" errors="0" skipped="${skipped.length}" assertions="${assertions}" time="${seconds(ms)}" timestamp="${startedAt}"`;
}

function assertionsOf({ steps }: Outcome): number {
  return steps.filter(({ ok }) => ok !== "not checked").length;
}

function caseOf(outcome: Outcome, isRepeated: boolean): Html {
  const { ok, scenario, run, ms, flows } = outcome;
  const name = isRepeated ? `${scenario.name} (run ${String(run)})` : scenario.name;
  const line = failedCheck(outcome.steps)?.line ?? 1;
  return html`
    <testcase name="${attribute(name)}" classname="${classOf(scenario.file)}" assertions="${assertionsOf(outcome)}" time="${seconds(ms)}" file="${attribute(scenario.file)}" line="${line}">
      ${properties(factsOf(outcome))}${!ok && failure(outcome)}
      <system-out>${flows.map((flow) => `${flow.id}\n${flowText(flow)}`)}</system-out>
    </testcase>`;
}

function skippedCase({ name, file, reason }: Skipped): Html {
  return html`
    <testcase name="${attribute(name)}" classname="${classOf(file)}" assertions="0" time="0" file="${attribute(file)}" line="1">
      <skipped message="${attribute(reason)}"/>
    </testcase>`;
}

function suiteOfWhole(flaw: string, evidence: Evidence): Html {
  const counts = html` tests="1" failures="1" errors="0" skipped="0" assertions="1" time="0"`;
  return html`
  <testsuite name="all together"${counts} timestamp="${evidence.startedAt}">
    ${surroundings(evidence)}
    <testcase name="all runs together" classname="all-together" assertions="1" time="0">
      <failure message="${attribute(flaw)}" type="ExpectationFailed">${flaw}</failure>
    </testcase>
  </testsuite>`;
}

function factsOf(outcome: Outcome): [string, string][] {
  const { ok, scenario, seed, serial, sessions, usages, steps } = outcome;
  const pictures = ok ? [] : steps.flatMap(({ screenshot }) => screenshot ?? []);
  return [
    ["description", scenario.about],
    ["seed", String(seed)],
    ["serial", serial],
    ...sessions.map(({ id }): [string, string] => ["session", id]),
    ...usages.map(({ request }): [string, string] => ["erp-request", request]),
    ...steps.map(stepOf),
    // Of those that passed the other reports have them: many runs would make a file that no tool reads.
    ...pictures.map((picture, at): [string, string] => [
      "attachment",
      `data:image/png;filename=step-${String(at + 1)}.png;base64,${picture}`,
    ]),
  ];
}

function stepOf({ name, ok, detail }: Check): [string, string] {
  const result = ok === true ? "passed" : ok ? "skipped" : "failure";
  return [`step[${result}]`, detail ? `${name}: ${detail}` : name];
}

/** A value of several lines is the element's text. */
function properties(all: readonly [name: string, value: string][]): Html {
  const items = all.map(([name, value]) =>
    value.includes("\n")
      ? html`<property name="${attribute(name)}">${value}</property>`
      : html`<property name="${attribute(name)}" value="${value}"/>`,
  );
  return html`<properties>${items}</properties>`;
}

function failure(outcome: Outcome): Html {
  const { missing, steps } = outcome;
  const failed = failedCheck(steps);
  const differences = differencesOf(outcome);
  const lines = [
    reasonOf(outcome),
    ...(failed ? [`at: ${failed.name} (${placeOf(outcome)})`] : []),
    ...differences.flatMap(({ what, expected, seen }) => [`${what}`, `  expected: ${expected}`, `  seen:     ${seen}`]),
    ...(missing === undefined ? [] : [`first hop that did not happen: ${missing}`]),
  ];
  const type = differences.length > 0 ? "ExpectationFailed" : "StepFailed";
  return html`<failure message="${attribute(reasonOf(outcome))}" type="${type}">${lines.join("\n")}</failure>`;
}

/** Line breaks in an attribute would be lost without a word. */
function attribute(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}

function classOf(file: string): string {
  return attribute(file.replace(/\.[^./]*$/, "").replaceAll("/", "."));
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}
