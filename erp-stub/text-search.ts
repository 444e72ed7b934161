/** Looking for a text in whatever case: SQLite's `lower` knows the letters of English alone, the others are told to it. */

export type TextSearch = { letters: number; values: Record<string, string> };

/** Nothing to look for is `undefined`. */
export function searchOf(q: string): TextSearch | undefined {
  if (q === "") return undefined;
  const wanted = q.toLowerCase();
  const letters = [...new Set(wanted)].filter((letter) => letter > "\x7f" && letter.toUpperCase() !== letter);
  const pairs = letters.flatMap((letter, at) => [
    [`upper${String(at)}`, letter.toUpperCase()],
    [`lower${String(at)}`, letter],
  ]);
  return { letters: letters.length, values: { q: wanted, ...Object.fromEntries(pairs) } };
}

/** The condition that what is looked for stands in `text`; it takes the search's `values`. */
export function standsIn(text: string, { letters }: TextSearch): string {
  const pairs = Array.from({ length: letters }, (_, at) => `, :upper${String(at)}, :lower${String(at)})`);
  return `instr(${"replace(".repeat(letters)}lower(${text})${pairs.join("")}, :q) > 0`;
}
