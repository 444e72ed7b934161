import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { IntlMessageFormat } from "intl-messageformat";
import { expect, test } from "vitest";
import { CATALOGS } from "../../bot/catalogs.ts";
import { FALLBACK, LANGUAGES, type Language } from "../../bot/languages.ts";
import { message } from "../../bot/messages.ts";
import { choicesIn } from "../../bot/question.ts";
import { SCENTS } from "../../device-sim/contract.ts";

type Catalog = Record<string, string>;
type Element = {
  type: number;
  value?: string;
  options?: Record<string, { value: Element[] }>;
  children?: Element[];
};

const TEXT = 0;
const SELECT = 5;
const POUND = 7;

/** Words that happen to be the same as in English. */
const SAME_AS_ENGLISH = ["fr scent.air"];

const FOLDER = join(import.meta.dirname, "../../bot/languages");
const english: Catalog = CATALOGS[FALLBACK];

test.each(LANGUAGES)("the catalog of $name is complete", ({ tag }) => {
  expect(findingsIn(CATALOGS[tag], tag)).toEqual([]);
});

test("each catalog is the file of its language, and no key stands in it twice", () => {
  expect(readdirSync(FOLDER).sort()).toEqual(LANGUAGES.map(({ tag }) => `${tag}.json`).sort());
  for (const { tag } of LANGUAGES) {
    const text = readFileSync(join(FOLDER, `${tag}.json`), "utf8");
    expect(JSON.parse(text)).toEqual(CATALOGS[tag]);
    expect(text.match(/^ *"[^"]+":/gm)).toHaveLength(Object.keys(CATALOGS[tag]).length);
  }
});

test("no name means two scents", () => {
  const choices = LANGUAGES.flatMap(({ tag }) => choicesIn(tag));
  const scentsOf = Map.groupBy(choices, ({ name }) => name.toLowerCase());
  for (const [name, meant] of scentsOf)
    expect([name, new Set(meant.map(({ scent }) => scent)).size]).toEqual([name, 1]);
});

test("no line in French begins with a sign that belongs to the word before it", () => {
  expect(Object.values(CATALOGS.fr).filter((text) => /« | [»;:!?]/.test(text))).toEqual([]);
});

test("a message names the scent in its language", () => {
  for (const { tag } of LANGUAGES) {
    for (const { scent, name } of choicesIn(tag)) {
      for (const key of ["bot.thanks", "note.confirmed", "note.rejected"] as const) {
        expect(message(tag, key, { scent }).toLowerCase()).toContain(name.toLowerCase());
      }
    }
  }
  expect(message("de", "bot.thanks", { scent: "wood" })).toBe(
    "Vielen Dank. Ich bitte Ihren AromaPod um den Duft „Holz“.",
  );
});

const scents = "{scent, select, fire {Feuer} wood {Holz} water {Wasser} other {Luft}}";
test.for<[finding: string, change: Record<string, string | undefined>]>([
  ["bot.question is missing", { "bot.question": undefined }],
  ["bot.farewell is not in English", { "bot.farewell": "Auf Wiedersehen." }],
  ["bot.question is empty", { "bot.question": " " }],
  ["bot.thanks cannot be parsed", { "bot.thanks": "Ich bitte um {scent, select, fire {Feuer}" }],
  ["bot.thanks cannot be parsed", { "bot.thanks": "{scent, select, fire {Feuer} wood {Holz} water {Wasser}}" }],
  ["bot.thanks has other arguments", { "bot.thanks": "Vielen Dank." }],
  ["bot.thanks has other arguments", { "bot.thanks": scents.replace("scent", "duft") }],
  ["bot.thanks has other arguments", { "bot.thanks": scents.replace("wood {Holz} ", "") }],
  ["bot.thanks has other arguments", { "bot.thanks": scents.replace("wood", "holz") }],
  ["bot.thanks has other arguments", { "bot.thanks": scents.replace("Holz", "Holz für {room}") }],
  ["bot.thanks has other arguments", { "bot.thanks": "Ich bitte um {scent}." }],
  ["bot.failed has other arguments", { "bot.failed": "Bitte <b>noch einmal</b>." }],
  ["bot.failed is not read as it is written", { "bot.failed": "Bitte '{'noch einmal'}'." }],
  ["bot.failed is as in English", { "bot.failed": english["bot.failed"] }],
  ["bot.choices lacks b) Holz", { "bot.choices": "a) Feuer, c) Wasser, d) Luft" }],
  ["bot.choices lacks b) Holz", { "bot.choices": "a) Feuer, b) Baum, c) Wasser, d) Luft" }],
  ["bot.choices lacks d) Luft", { "bot.choices": "a) Feuer, b) Holz, c) Wasser, e) Luft" }],
  ["bot.choices lacks b) Wald", { "scent.wood": "Wald" }],
])("the check finds: %s", ([finding, change]) => {
  const changed = Object.entries<string | undefined>({ ...CATALOGS.de, ...change });
  const catalog = Object.fromEntries(changed.filter((entry): entry is [string, string] => entry[1] !== undefined));
  expect(findingsIn(catalog, "de")).toEqual([finding]);
});

function findingsIn(catalog: Catalog, language: Language): string[] {
  const missing = Object.keys(english).filter((key) => catalog[key] === undefined);
  const wrong = Object.entries(catalog).flatMap(([key, text]) => {
    const finding = findingOn(text, { key, language });
    return finding ? [`${key} ${finding}`] : [];
  });
  return [...missing.map((key) => `${key} is missing`), ...wrong, ...lackingChoices(catalog)];
}

function findingOn(text: string, { key, language }: { key: string; language: Language }): string | undefined {
  const original = english[key];
  if (original === undefined) return "is not in English";
  if (text.trim() === "") return "is empty";
  const same = language !== FALLBACK && text === original;
  if (same && !SAME_AS_ENGLISH.includes(`${language} ${key}`)) return "is as in English";
  const format = parsed(text, language);
  if (!format) return "cannot be parsed";
  const expected = argumentsOf(parsed(original, FALLBACK));
  const found = argumentsOf(format);
  if (found.join() !== expected.join()) return "has other arguments";
  // What has no arguments may be read straight from the catalog.
  if (found.length === 0 && format.format() !== text) return "is not read as it is written";
  return undefined;
}

/** The letters and names must be those of the buttons. */
function lackingChoices(catalog: Catalog): string[] {
  const { "bot.choices": listed } = catalog;
  if (listed === undefined) return [];
  const parts = listed.toLowerCase().split(/, |、/);
  const choices = SCENTS.map((scent, at) => `${"abcd".charAt(at)}) ${catalog[`scent.${scent}`]}`);
  return choices
    .filter((choice) => !parts.includes(choice.toLowerCase()))
    .map((choice) => `bot.choices lacks ${choice}`);
}

function parsed(text: string, language: Language): IntlMessageFormat | undefined {
  try {
    return new IntlMessageFormat(text, language);
  } catch {
    return undefined;
  }
}

/** What a message asks for, such as `5 scent air fire`; the options of a plural differ between languages. */
function argumentsOf(format: IntlMessageFormat | undefined): string[] {
  const elements: Element[] = format?.getAst() ?? [];
  return [...new Set(elements.flatMap(argumentsIn))].sort();
}

function argumentsIn({ type, value, options = {}, children = [] }: Element): string[] {
  if (type === TEXT || type === POUND) return [];
  const selected = type === SELECT ? Object.keys(options).sort() : [];
  const inner = [...Object.values(options).flatMap((option) => option.value), ...children];
  return [[type, value, ...selected].join(" "), ...inner.flatMap(argumentsIn)];
}
