import { SCENTS, type Scent } from "../device-sim/contract.ts";
import { CATALOGS } from "./catalogs.ts";
import { LANGUAGES, type Language } from "./languages.ts";

export type Choice = { scent: Scent; letter: string; name: string };

const FIRST_LETTER = "a".charCodeAt(0);

/** The choices of the one question, lettered in the order of `SCENTS`. */
export function choicesIn(language: Language): Choice[] {
  return SCENTS.map((scent, at) => ({
    scent,
    letter: String.fromCharCode(FIRST_LETTER + at),
    name: CATALOGS[language][`scent.${scent}`],
  }));
}

/** The question with its choices as plain text, for channels that show no buttons. */
export function questionIn(language: Language): string {
  return `${CATALOGS[language]["bot.question"]} ${CATALOGS[language]["bot.choices"]}`;
}

const MARKS = new Map(
  SCENTS.flatMap((scent, at) => [
    [String.fromCharCode(FIRST_LETTER + at), scent],
    [String(at + 1), scent],
  ]),
);
const NAMES = new Map([
  ...LANGUAGES.flatMap(({ tag }) => choicesIn(tag)).map(({ scent, name }): [string, Scent] => [folded(name), scent]),
  ...["氣", "气", "気"].map((name): [string, Scent] => [name, "air"]),
]);

const MARK = /^\(?([a-z\d])[).:,、]?\s*[.!。]*$/u;
/** Chinese and Japanese names may follow a mark without any space. */
const NAME = /^(?:\(?([a-z\d])(?:[).:,、]\s*|\s+|(?=\p{Script=Han})))?(\p{Letter}+)\s*[.!。]*$/u;
const MAX_ANSWER_CHARACTERS = 64;

/**
 * The scent that an answer names in any of the languages: a letter or number (`b`, `B`, `b)`, `２`), the name (`wood`,
 * `Holz.`, `木`), or both when they agree (`b) wood`, `2、木`). `value` is what a tapped button carries. Anything else
 * is `undefined`.
 */
export function readAnswer(text: string | undefined, value?: unknown): Scent | undefined {
  const tapped = (value as { choice?: unknown } | null | undefined)?.choice;
  if (typeof tapped === "string") return SCENTS.find((scent) => scent === tapped);
  if (text === undefined || text.length > MAX_ANSWER_CHARACTERS) return undefined;
  const answer = folded(text);
  const alone = MARK.exec(answer)?.[1];
  if (alone) return MARKS.get(alone);
  const [, mark, name = ""] = NAME.exec(answer) ?? [];
  const scent = NAMES.get(name);
  return mark === undefined || MARKS.get(mark) === scent ? scent : undefined;
}

/** The launch link in a messenger's first message, `start <link>`. */
export function readStart(text: string | undefined): string | undefined {
  return /^\/?start ([A-Za-z0-9_-]{1,64})$/i.exec(text?.trim() ?? "")?.[1];
}

/** Full-width and circled characters, as Asian keyboards give them, become plain ones. */
function folded(text: string): string {
  return text.normalize("NFKC").trim().toLowerCase();
}
