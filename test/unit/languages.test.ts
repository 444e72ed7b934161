import { expect, test } from "vitest";
import { directionOf, LANGUAGES, languageOf, preferredLanguage } from "../../bot/languages.ts";

test.for<[tag: string, language: string | undefined]>([
  ["en", "en"],
  ["en-GB", "en"],
  ["EN-us", "en"],
  ["de", "de"],
  ["de-AT", "de"],
  ["fr-CA", "fr"],
  ["ja-JP", "ja"],
  ["zh", "zh-Hans"],
  ["zh-CN", "zh-Hans"],
  ["zh-SG", "zh-Hans"],
  ["zh-Hans-HK", "zh-Hans"],
  ["zh-TW", "zh-Hant"],
  ["zh-HK", "zh-Hant"],
  ["zh-MO", "zh-Hant"],
  ["zh-Hant", "zh-Hant"],
  ["zh-Hant-CN", "zh-Hant"],
  ["de-AT-u-co-phonebk", "de"],
  ["it", undefined],
  ["zz-ZZ", undefined],
  ["", undefined],
  ["*", undefined],
  ["zh_TW", undefined],
  ["german", undefined],
  ["../../etc/passwd", undefined],
  ["x".repeat(10_000), undefined],
])("the tag %j means %j", ([tag, language]) => {
  expect(languageOf(tag)).toBe(language);
});

test("each language is known by its own tag", () => {
  expect(LANGUAGES.map(({ tag }) => languageOf(tag))).toEqual(["en", "zh-Hant", "zh-Hans", "ja", "de", "fr"]);
});

test.for<[header: string | undefined, language: string]>([
  [undefined, "en"],
  ["", "en"],
  ["*", "en"],
  ["it", "en"],
  ["it, *;q=0.5", "en"],
  ["de-DE,de;q=0.9,en;q=0.8", "de"],
  ["zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7", "zh-Hant"],
  ["zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"],
  ["en;q=0.5, fr;q=0.7", "fr"],
  ["en ; q=0.5 , fr ; Q=0.7", "fr"],
  ["it, ja;q=0.1", "ja"],
  ["fr, de", "fr"],
  ["de;q=0, ja;q=0.2", "ja"],
  ["de;q=0.000", "en"],
  ["de;q=much, fr;q=0.1", "fr"],
  ["de;q=, fr;q=0.1", "fr"],
  ["de;level=1;q=0.3, fr;q=0.2", "de"],
  [",,;;,de", "de"],
  ["zh_TW, german, ja", "ja"],
])("Accept-Language %j means %s", ([header, language]) => {
  expect(preferredLanguage(header)).toBe(language);
});

test("of an endless header only the beginning is read", () => {
  expect(preferredLanguage(`${"it,".repeat(19)}de`)).toBe("de");
  expect(preferredLanguage(`${"it,".repeat(20)}de`)).toBe("en");
  expect(preferredLanguage(`de,${"it,".repeat(100_000)}`)).toBe("de");
  expect(preferredLanguage(`${"x".repeat(1_000)},de`)).toBe("en");
});

test("a page knows its direction", () => {
  expect(LANGUAGES.map(({ tag }) => directionOf(tag))).toEqual(LANGUAGES.map(() => "ltr"));
  expect(["ar", "he-IL", "fa", "ur-PK", "az-Arab"].map(directionOf)).toEqual(Array(5).fill("rtl"));
  expect(["ar-Latn", "zz", "", "not a tag"].map(directionOf)).toEqual(Array(4).fill("ltr"));
});
