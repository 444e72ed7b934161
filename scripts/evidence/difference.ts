/** What differs between two texts, word for word. */
import { diff } from "node:util";

export type Piece = { text: string; differs: boolean };

/** Longer texts are compared as a whole: the time that it takes grows with the square of their length. */
const MOST_WORDS = 2_000;

/** Both texts in pieces, with those marked that the other does not have. */
export function compare(expected: string, seen: string): { expected: Piece[]; seen: Piece[] } {
  const [ours, theirs] = [wordsOf(expected), wordsOf(seen)];
  if (ours.length + theirs.length > MOST_WORDS)
    return { expected: [{ text: expected, differs: true }], seen: [{ text: seen, differs: true }] };
  const steps = diff(ours, theirs);
  const without = (other: number) =>
    joined(steps.flatMap(([kind, text]) => (kind === other ? [] : { text, differs: kind !== 0 })));
  return { expected: without(-1), seen: without(1) };
}

/** Runs of letters and digits, spaces, and all other signs one by one. */
function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+|\s+|[^]/gu) ?? [];
}

function joined(pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = [];
  for (const piece of pieces) {
    const last = all.at(-1);
    if (last?.differs === piece.differs) last.text += piece.text;
    else all.push({ ...piece });
  }
  return all;
}
