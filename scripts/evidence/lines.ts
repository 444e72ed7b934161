/** Texts broken into lines of a terminal, whose differing parts stay marked. */
import { oneLine, widthOf } from "../table.ts";
import type { Piece } from "./difference.ts";

type Cell = { sign: string; differs: boolean };
/** `marks` has a `^` below what differs. */
export type Line = { text: string; width: number; pieces: Piece[]; marks: string };

/** Lines of at most so many columns; between words where there are any. */
export function linesOf(pieces: readonly Piece[], width: number): Line[] {
  const paragraphs: Cell[][] = [[]];
  for (const { text, differs } of pieces)
    for (const [at, line] of text.split("\n").entries()) {
      if (at > 0) paragraphs.push([]);
      for (const sign of oneLine(line)) paragraphs.at(-1)?.push({ sign, differs });
    }
  return paragraphs.flatMap((cells) => broken(cells, width)).map(lineOf);
}

export function wrapped(text: string, width: number): string[] {
  return linesOf([{ text: oneLine(text), differs: false }], width).map((line) => line.text.trimEnd());
}

/** At most so many columns, of a text that may go on. */
export function shortened(text: string, width: number): string {
  if (widthOf(oneLine(text)) <= width) return oneLine(text);
  return `${wrapped(text, width - 1)[0] ?? ""}…`;
}

function broken(cells: readonly Cell[], width: number): Cell[][] {
  const lines: Cell[][] = [];
  let rest = cells;
  for (let end = fitting(rest, width); end < rest.length; end = fitting(rest, width)) {
    const cut = breakBefore(rest, end);
    lines.push(rest.slice(0, cut));
    rest = rest.slice(cut);
  }
  return [...lines, [...rest]];
}

/** Between words, or before a field of a request; a word that is longer than most of the line is broken itself. */
function breakBefore(cells: readonly Cell[], end: number): number {
  const isBreak = (at: number) => cells[at - 1]?.sign === " " || /[?&]/.test(cells[at]?.sign ?? "");
  for (let at = end; at > end / 2; at--) if (isBreak(at)) return at;
  return end;
}

/** How many of the cells go on a line. */
function fitting(cells: readonly Cell[], width: number): number {
  let taken = 0;
  const end = cells.findIndex(({ sign }) => (taken += widthOf(sign)) > width);
  return end === -1 ? cells.length : Math.max(1, end);
}

function lineOf(cells: readonly Cell[]): Line {
  const pieces: Piece[] = [];
  for (const { sign, differs } of cells) {
    const last = pieces.at(-1);
    if (last?.differs === differs) last.text += sign;
    else pieces.push({ text: sign, differs });
  }
  const text = cells.map(({ sign }) => sign).join("");
  const marks = cells.map(({ sign, differs }) => (differs ? "^" : " ").repeat(widthOf(sign))).join("");
  return { text, width: widthOf(text), pieces, marks };
}
