/** What was played, for people at the terminal: in 80 columns, and with colours that nothing depends on. */
import { styleText } from "node:util";
import type { SessionView } from "../../device-db/contract.ts";
import { span } from "../../plumbing/page-parts.ts";
import type { Check, Evidence, Outcome } from "../scenarios/outcome.ts";
import { oneLine, table, widthOf } from "../table.ts";
import { counted } from "../words.ts";
import { failureText } from "./failure-text.ts";
import { shortened, wrapped } from "./lines.ts";
import { isPassed, medianMs, type Played, playedIn } from "./played.ts";
import { flowLines } from "./text.ts";
import { headline, placeOf, reasonOf } from "./verdict.ts";

const COLUMNS = 80;
/** Where the words of a step begin: after its mark and its time. */
const INDENT = 15;
const NAME = 42;

const MARKS = { passed: styleText("green", "✔"), failed: styleText("red", "✘"), open: styleText("yellow", "–") };

const dim = (text: string) => styleText("dim", text);

/** A run in one line, and why it failed if it did; with `more` also the hops of a failure. */
export function outcomeText(outcome: Outcome, { more }: { more: boolean }): string {
  const { ok, ms, usages, flows } = outcome;
  const end = `${counted(usages.length, "usage")}, ${span(ms)}`;
  const name = shortened(nameOf(outcome), COLUMNS - end.length - 4);
  const title = `${ok ? MARKS.passed : MARKS.failed} ${styleText("bold", name)}${" ".repeat(COLUMNS - 2 - widthOf(name) - end.length)}${dim(end)}\n`;
  if (ok) return title;
  return `${title}${failureText(outcome)}${more ? `${flows.map(hopsText).join("\n")}\n` : ""}`;
}

function nameOf({ scenario, run }: Outcome): string {
  return run > 1 ? `${scenario.name}, run ${String(run)}` : scenario.name;
}

/** A step as it has been taken; why it failed is told of the run. */
export function checkText({ name, ok, ms, detail }: Check): string {
  const mark = ok === true ? MARKS.passed : ok ? MARKS.open : MARKS.failed;
  const time = ok === "not checked" ? "not checked" : `${ms.toFixed(1)} ms`;
  const lines = wrapped(name, COLUMNS - INDENT).join(`\n${" ".repeat(INDENT)}`);
  const details = detail && ok !== false ? detail.split("\n").flatMap((line) => wrapped(line, COLUMNS - INDENT)) : [];
  return `${mark} ${dim(time.padStart(INDENT - 4))}  ${lines}\n${details.map((line) => `${" ".repeat(INDENT)}${dim(line)}\n`).join("")}`;
}

/** A line for each hop; what does not fit beside it stands below it. */
function hopsText(flow: SessionView): string {
  const lines = flowLines(flow);
  const partWidth = Math.max(0, ...lines.map(({ part }) => part.length));
  return lines
    .map(({ since, part, what, detail }) => {
      const start = `${since.padStart(INDENT - 3)}  ${part.padEnd(partWidth)}  ${shortened(what, NAME)}`;
      const room = COLUMNS - start.length - 2;
      if (widthOf(detail) <= room) return dim(`${start}  ${detail}`.trimEnd());
      const below = wrapped(detail, COLUMNS - INDENT).map((line) => " ".repeat(INDENT) + line);
      return dim([start, ...below].join("\n"));
    })
    .join("\n")
    .concat("\n");
}

/** A line for each scenario, or only for those that could not be played; and what is to be known of the whole. */
export function summaryText(evidence: Evidence, { runsAreTold }: { runsAreTold: boolean }): string {
  const rows = runsAreTold ? evidence.skipped.map(skippedRow) : rowsOf(evidence);
  const cells = table([["Scenario", "Verdict", "Usages", "Time"], ...rows.map(({ cells: row }) => row)]).split("\n");
  const lines = rows.map(({ mark, why }, at) => `${mark} ${cells[at + 1] ?? ""}\n${why}`).join("");
  const remarks = evidence.remarks.flatMap((remark) => [...wrapped(remark, COLUMNS), ""]);
  const verdict = styleText(evidence.ok ? "green" : "red", oneLine(headline(evidence)));
  const head = rows.length > 0 ? `  ${dim(cells[0] ?? "")}\n${lines}\n` : "";
  return `${head}${remarks.length > 0 ? `${remarks.slice(0, -1).join("\n")}\n` : ""}${verdict} ${dim(`It took ${span(evidence.ms)}.`)}\n`;
}

/** What failed comes last: that is where people look first. */
function rowsOf(evidence: Evidence): Row[] {
  const played = playedIn(evidence);
  const failed = played.filter((one) => !isPassed(one));
  return [...played.filter(isPassed).map(rowOf), ...evidence.skipped.map(skippedRow), ...failed.map(rowOf)];
}

type Row = { mark: string; cells: string[]; why: string };

function rowOf(played: Played): Row {
  const { scenario, runs, failures } = played;
  const [broken] = failures;
  const usages = runs.reduce((sum, run) => sum + run.usages.length, 0);
  const why = broken ? reasonLines(`${reasonOf(broken)} (${placeOf(broken)})`) : "";
  const cells = [shortened(scenario.name, NAME), verdictOf(played), String(usages), span(medianMs(runs))];
  return { mark: broken ? MARKS.failed : MARKS.passed, cells, why };
}

function verdictOf({ runs, failures }: Played): string {
  const [word, number] = failures.length > 0 ? ["failed", failures.length] : ["passed", runs.length];
  return runs.length === 1 ? word : `${String(number)} of ${String(runs.length)} ${word}`;
}

function skippedRow({ name, reason }: Evidence["skipped"][number]): Row {
  return { mark: MARKS.open, cells: [shortened(name, NAME), "not played", "", ""], why: reasonLines(reason) };
}

function reasonLines(text: string): string {
  return wrapped(text, COLUMNS - 4)
    .map((line) => `    ${dim(line)}\n`)
    .join("");
}
