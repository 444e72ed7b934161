/** How findings are shown: to people as sections of lines, to programs as one document. */
import { styleText } from "node:util";
import { oneLine } from "../table.ts";
import { counted } from "../words.ts";
import type { Finding, Fix } from "./check.ts";

export type Told = { section: string; name: string } & Finding;

const MARKS = {
  ok: ["✔", "green"],
  "not checked": ["–", "dim"],
  warning: ["!", "yellow"],
  failed: ["✘", "red"],
} as const;
const INDENT = 2;
const LEAST_WIDTH = 40;

export function jsonReport(told: readonly Told[]): string {
  const count = (state: Finding["state"]) => told.filter((finding) => finding.state === state).length;
  const failures = count("failed");
  const counts = { failed: failures, warnings: count("warning"), notChecked: count("not checked") };
  return `${JSON.stringify({ ok: failures === 0, ...counts, checks: told })}\n`;
}

/** `columns` is how wide the terminal is; infinite where there is none. */
export function textReport(told: readonly Told[], columns: number): string {
  const nameWidth = Math.max(...told.map(({ name }) => name.length));
  const sections = Map.groupBy(told, ({ section }) => section);
  const shown = [...sections].map(([title, findings]) => {
    const lines = findings.map((finding) => linesOf(finding, { nameWidth, columns }));
    return `${styleText("bold", title)}\n${lines.join("")}`;
  });
  return `${shown.join("\n")}\n${verdict(told, columns)}\n`;
}

type Layout = { nameWidth: number; columns: number };

function linesOf(finding: Told, { nameWidth, columns }: Layout): string {
  const [mark, colour] = MARKS[finding.state];
  const margin = " ".repeat(INDENT + 2 + nameWidth + 2);
  const width = Math.max(LEAST_WIDTH, columns - margin.length);
  const text = `${finding.name.padEnd(nameWidth)}  ${wrapped(finding.detail, width).join(`\n${margin}`)}`;
  const isQuiet = finding.state === "not checked";
  const head = `${" ".repeat(INDENT)}${styleText(colour, mark)} ${isQuiet ? styleText("dim", text) : text}\n`;
  if (!("fix" in finding)) return head;
  const [first = "", ...others] = fixLines(finding.fix, width - INDENT);
  const rest = others.map((line) => `${margin}${" ".repeat(INDENT)}${line}\n`);
  return `${head}${margin}${styleText(colour, "→")} ${first}\n${rest.join("")}`;
}

/** A command that is broken into lines cannot be copied. */
function fixLines({ advice, command }: Fix, width: number): string[] {
  const sentence = advice === undefined ? [] : wrapped(advice, width);
  return command === undefined ? sentence : [...sentence, styleText("bold", command)];
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of oneLine(text).split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function verdict(told: readonly Told[], columns: number): string {
  const named = (state: Finding["state"]) => told.filter((finding) => finding.state === state).map(({ name }) => name);
  const [colour, clause, rest] = judged(named, told.length);
  const text = wrapped([clause, ...rest].join(" "), Math.max(LEAST_WIDTH, columns)).join("\n");
  return styleText(colour, clause) + text.slice(clause.length);
}

/** The colour, what it is the colour of, and the rest of the sentence. */
function judged(
  named: (state: Finding["state"]) => string[],
  all: number,
): ["red" | "yellow" | "green", clause: string, rest: string[]] {
  const failures = named("failed");
  const warnings = named("warning");
  const open = named("not checked").length;
  if (failures.length > 0) {
    return ["red", `${counted(failures.length, "check")} of ${String(all)} failed:`, [`${failures.join(", ")}.`]];
  }
  const rest = open > 0 ? [`${counted(open, "check")} could not be made or did not apply.`] : [];
  return warnings.length > 0
    ? ["yellow", "Nothing that is required failed;", [`worth a look: ${warnings.join(", ")}.`, ...rest]]
    : ["green", "All that was checked is in order.", rest];
}
