/** Why a run failed: what was expected beside what was seen, and what did not happen. */
import { styleText } from "node:util";
import type { Difference, Outcome } from "../scenarios/outcome.ts";
import { compare, type Piece } from "./difference.ts";
import { type Line, linesOf, wrapped } from "./lines.ts";
import { differencesOf, failedCheck, placeOf, reasonOf } from "./verdict.ts";

const WIDTH = 76;
const GAP = 3;
const SIDE = Math.floor((WIDTH - GAP) / 2);
const INDENT = "    ";

export function failureText(outcome: Outcome): string {
  const { steps, missing } = outcome;
  const failed = failedCheck(steps);
  const reason = wrapped(reasonOf(outcome), WIDTH).map((line) => styleText("red", line));
  const where = wrapped(`${placeOf(outcome)}${failed ? `, ${failed.name}` : ""}`, WIDTH).map((line) =>
    styleText("dim", line),
  );
  const gap = missing === undefined ? [] : ["", ...wrapped(`The first hop that did not happen: ${missing}`, WIDTH)];
  const lines = [...reason, ...where, ...differencesOf(outcome).flatMap(differenceLines), ...gap, ""];
  return lines.map((line) => `${line === "" ? "" : INDENT}${line}\n`).join("");
}

function differenceLines({ what, expected, seen }: Difference): string[] {
  const pieces = compare(expected, seen);
  const [left, right] = [linesOf(orNothing(pieces.expected), SIDE), linesOf(orNothing(pieces.seen), SIDE)];
  // Where nothing is the same there is nothing to point at.
  const points = [...pieces.expected, ...pieces.seen].some(({ differs }) => !differs);
  const rows = Array.from({ length: Math.max(left.length, right.length) }, (_, at) =>
    rowLines(left[at], right[at], points),
  );
  const heads = `${styleText("green", "expected".padEnd(SIDE + GAP))}${styleText("red", "seen")}`;
  return ["", ...wrapped(what, WIDTH).map((line) => styleText("bold", line)), heads, ...rows.flat()];
}

function orNothing(pieces: readonly Piece[]): readonly Piece[] {
  return pieces.length > 0 ? pieces : [{ text: "nothing", differs: true }];
}

function rowLines(left: Line | undefined, right: Line | undefined, points: boolean): string[] {
  const space = " ".repeat(SIDE + GAP - (left?.width ?? 0));
  const text = `${coloured(left, "green")}${space}${coloured(right, "red")}`.trimEnd();
  const marks = `${(left?.marks ?? "").padEnd(SIDE + GAP)}${right?.marks ?? ""}`.trimEnd();
  return points && marks !== "" ? [text, styleText("yellow", marks)] : [text];
}

function coloured(line: Line | undefined, colour: "green" | "red"): string {
  return (line?.pieces ?? []).map(({ text, differs }) => (differs ? styleText(colour, text) : text)).join("");
}
