import { SCENTS, type Scent } from "../device-sim/contract.ts";

const FIRST_LETTER = "a".charCodeAt(0);

/** The one question, its choices lettered in this order. */
export const CHOICES = SCENTS.map((scent, at) => ({
  scent,
  letter: String.fromCharCode(FIRST_LETTER + at),
  name: capitalised(scent),
}));

export const GREETING = "Which scent would you like?";

/** The question as plain text, for channels that show no buttons. */
export const QUESTION = `${GREETING} ${CHOICES.map(({ letter, scent }) => `${letter}) ${scent}`).join(", ")}`;

const LETTER_OR_NUMBER = /^\(?([a-z\d])[).:]?$/;
const WITH_NAME = /^\(?([a-z\d])[).:]?\s+([a-z]+)[.!]?$/;
const NAME = /^([a-z]+)[.!]?$/;
const MAX_ANSWER_CHARACTERS = 64;

/**
 * The scent that an answer names: a letter or number (`b`, `B`, `b)`, `2`), the name (`wood`, `Wood.`), or both when
 * they agree (`b) wood`). `value` is what a tapped button carries. Anything else is `undefined`.
 */
export function readAnswer(text: string | undefined, value?: unknown): Scent | undefined {
  const tapped = (value as { choice?: unknown } | null | undefined)?.choice;
  if (typeof tapped === "string") return SCENTS.find((scent) => scent === tapped);
  if (text === undefined || text.length > MAX_ANSWER_CHARACTERS) return undefined;
  const answer = text.normalize("NFKC").trim().toLowerCase();
  const named = byName(NAME.exec(answer)?.[1]) ?? byMark(LETTER_OR_NUMBER.exec(answer)?.[1]);
  if (named) return named;
  const [, mark, name] = WITH_NAME.exec(answer) ?? [];
  return byMark(mark) === byName(name) ? byName(name) : undefined;
}

/** The launch link in a messenger's first message, `start <link>`. */
export function readStart(text: string | undefined): string | undefined {
  return /^\/?start ([A-Za-z0-9_-]{1,64})$/i.exec(text?.trim() ?? "")?.[1];
}

function byName(name: string | undefined): Scent | undefined {
  return SCENTS.find((scent) => scent === name);
}

function byMark(mark: string | undefined): Scent | undefined {
  return CHOICES.find(({ letter }, at) => letter === mark || String(at + 1) === mark)?.scent;
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
