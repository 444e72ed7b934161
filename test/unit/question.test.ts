import { expect, test } from "vitest";
import { QUESTION, readAnswer, readStart } from "../../bot/question.ts";

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
    number,
    `${number}.`,
    name,
    `${name.charAt(0).toUpperCase()}${name.slice(1)}.`,
    name.toUpperCase(),
    ` ${name}! `,
    `${letter}) ${name}`,
    `${number}. ${name}`,
  ];
  expect(written.map((text) => readAnswer(text))).toEqual(written.map(() => name));
});

test("full-width characters, as an Asian keyboard gives them, are understood", () => {
  expect(readAnswer("ｂ")).toBe("wood");
  expect(readAnswer("２）")).toBe("wood");
});

test.each([
  "",
  " ",
  "e",
  "5",
  "0",
  "banana",
  "woods",
  "wood please",
  "b) fire",
  "ab",
  "1 2",
  "fire or wood",
  "a".repeat(65),
])("%j is no answer", (text) => {
  expect(readAnswer(text)).toBeUndefined();
});

test("a tapped button counts by its value, and only if that is a choice", () => {
  expect(readAnswer("anything", { choice: "water" })).toBe("water");
  expect(readAnswer("wood", { choice: "banana" })).toBeUndefined();
  expect(readAnswer("wood", { other: 1 })).toBe("wood");
  expect(readAnswer("wood", null)).toBe("wood");
});

test("the question names every choice with its letter", () => {
  expect(QUESTION).toBe("Which scent would you like? a) fire, b) wood, c) water, d) air");
});

test("a messenger's first message carries the launch link", () => {
  expect(readStart("start HKAP0100000001-1-abc_DEF")).toBe("HKAP0100000001-1-abc_DEF");
  expect(readStart("/start x")).toBe("x");
  expect(readStart("start")).toBeUndefined();
  expect(readStart("start a b")).toBeUndefined();
  expect(readStart(`start ${"x".repeat(65)}`)).toBeUndefined();
});
