import { expect, test } from "vitest";
import { CATALOGS } from "../../bot/catalogs.ts";
import { LANGUAGES } from "../../bot/languages.ts";
import { choicesIn, questionIn, readAnswer, readStart } from "../../bot/question.ts";
import { SCENTS } from "../../device-sim/contract.ts";

const WAYS_TO_SAY = [
  ["a", "1", "fire"],
  ["b", "2", "wood"],
  ["c", "3", "water"],
  ["d", "4", "air"],
] as const;

test.each(WAYS_TO_SAY)("%s, %s and %s are one answer, however they are written", (letter, number, name) => {
  const written = [
    letter,
    letter.toUpperCase(),
    `${letter})`,
    `(${letter})`,
    `${letter}.`,
    `${letter}!`,
    number,
    `${number}.`,
    name,
    `${name.charAt(0).toUpperCase()}${name.slice(1)}.`,
    name.toUpperCase(),
    ` ${name}! `,
    `${letter}) ${name}`,
    `${letter})${name}`,
    `(${letter}) ${name}.`,
    `${letter}, ${name}`,
    `${number}. ${name}`,
  ];
  expect(written.map((text) => readAnswer(text))).toEqual(written.map(() => name));
});

test.each(LANGUAGES)("each choice as it is shown in $name is understood", ({ tag }) => {
  const listed = CATALOGS[tag]["bot.choices"].split(/, |、/);
  expect(listed.map((text) => readAnswer(text))).toEqual(SCENTS);
  const choices = choicesIn(tag);
  const shown = choices.map(({ letter, name }) => `${letter}) ${name}`);
  expect(shown.map((text) => readAnswer(text))).toEqual(SCENTS);
  expect(choices.map(({ name }) => readAnswer(name))).toEqual(SCENTS);
  expect(choices.map(({ letter }) => readAnswer(letter))).toEqual(SCENTS);
  expect(choices.map(({ scent }) => readAnswer(scent))).toEqual(SCENTS);
});

test.for<[text: string, scent: string]>([
  ["火", "fire"],
  ["木", "wood"],
  ["水。", "water"],
  ["空氣", "air"],
  ["空气！", "air"],
  ["空気", "air"],
  ["气", "air"],
  ["Feuer", "fire"],
  ["HOLZ", "wood"],
  ["wasser!", "water"],
  ["Luft.", "air"],
  ["feu", "fire"],
  ["Bois !", "wood"],
  ["EAU", "water"],
  ["Air", "air"],
  ["b) Holz", "wood"],
  ["(c) eau", "water"],
  ["2、木", "wood"],
  ["b木", "wood"],
  ["d：空気。", "air"],
])("the name %j is %s in every session", ([text, scent]) => {
  expect(readAnswer(text)).toBe(scent);
});

test.for<[text: string, scent: string]>([
  ["ｂ", "wood"],
  ["Ｂ", "wood"],
  ["２）", "wood"],
  ["（ｂ）", "wood"],
  ["２．", "wood"],
  ["ｂ。", "wood"],
  ["②", "wood"],
  ["⑵", "wood"],
  ["⒝", "wood"],
  ["ｗｏｏｄ", "wood"],
  ["ｂ）　木", "wood"],
  ["　木　", "wood"],
])("%j, as an Asian keyboard gives it, is understood", ([text, scent]) => {
  expect(readAnswer(text)).toBe(scent);
});

test.each([
  "",
  " ",
  "e",
  "5",
  "0",
  "⑤",
  "-1",
  "٢",
  "б",
  "banana",
  "woods",
  "Holzweg",
  "Beau",
  "木頭人",
  "火水",
  "wood please",
  "not wood",
  "wood?",
  "b?",
  "b) fire",
  "b) Wasser",
  "2、水",
  "b水",
  "e) Holz",
  "b) banana",
  "b) b",
  "bwood",
  "ab",
  "a, b",
  "1 2",
  "12",
  "fire or wood",
  "fire, wood",
  "火、木",
  "a) fire, b) wood",
  "__proto__",
  "a".repeat(65),
  `${" ".repeat(64)}b`,
])("%j is no answer", (text) => {
  expect(readAnswer(text)).toBeUndefined();
});

test("a tapped button counts by its value, and only if that is a choice", () => {
  expect(readAnswer("anything", { choice: "water" })).toBe("water");
  expect(readAnswer(undefined, { choice: "water" })).toBe("water");
  expect(readAnswer("wood", { choice: "banana" })).toBeUndefined();
  expect(readAnswer("wood", { other: 1 })).toBe("wood");
  expect(readAnswer("wood", null)).toBe("wood");
  expect(readAnswer(undefined)).toBeUndefined();
});

test("the question names every choice with its letter", () => {
  expect(questionIn("en")).toBe("Which scent would you like? a) fire, b) wood, c) water, d) air");
  expect(questionIn("ja")).toBe("どの香りになさいますか？ a) 火、b) 木、c) 水、d) 空気");
  expect(choicesIn("de")).toEqual([
    { scent: "fire", letter: "a", name: "Feuer" },
    { scent: "wood", letter: "b", name: "Holz" },
    { scent: "water", letter: "c", name: "Wasser" },
    { scent: "air", letter: "d", name: "Luft" },
  ]);
});

test("a messenger's first message carries the launch link", () => {
  expect(readStart("start HKAP0100000001-1-abc_DEF")).toBe("HKAP0100000001-1-abc_DEF");
  expect(readStart("/start x")).toBe("x");
  expect(readStart("start")).toBeUndefined();
  expect(readStart("start a b")).toBeUndefined();
  expect(readStart(`start ${"x".repeat(65)}`)).toBeUndefined();
});
