const LANGUAGE_NAMES = {
  en: "English",
  "zh-Hant": "繁體中文",
  "zh-Hans": "简体中文",
  ja: "日本語",
  de: "Deutsch",
  fr: "Français",
} as const;

export type Language = keyof typeof LANGUAGE_NAMES;

/** The languages that the bot and the guest's page speak, the fallback first, each with its own name for itself. */
export const LANGUAGES = Object.entries(LANGUAGE_NAMES).map(([tag, name]) => ({ tag: tag as Language, name }));

export const FALLBACK: Language = "en";

const MAX_HEADER_CHARACTERS = 1_000;
/** Reading a tag takes microseconds, and whoever asks decides how many there are. */
const MAX_RANGES = 20;

const BY_WRITING = new Map(LANGUAGES.map(({ tag }) => [writingOf(tag), tag]));

/** The spoken language that a BCP 47 tag such as `zh-HK` or `de-AT` means, if it is one of ours. */
export function languageOf(tag: string): Language | undefined {
  return BY_WRITING.get(writingOf(tag));
}

/** The first of ours that an `Accept-Language` header asks for. */
export function preferredLanguage(header: string | undefined): Language {
  const ranges = (header ?? "").slice(0, MAX_HEADER_CHARACTERS).split(",", MAX_RANGES).map(readRange);
  const wanted = ranges.filter(({ quality }) => quality > 0).sort((a, b) => b.quality - a.quality);
  for (const { tag } of wanted) {
    const language = languageOf(tag);
    if (language) return language;
  }
  return FALLBACK;
}

/** For the `dir` of a page in this language. */
export function directionOf(tag: string): "ltr" | "rtl" {
  return localeOf(tag)?.getTextInfo().direction ?? "ltr";
}

function readRange(range: string): { tag: string; quality: number } {
  const [tag = "", ...parameters] = range.split(";").map((part) => part.trim());
  const quality = parameters.find((parameter) => /^q=/i.test(parameter))?.slice("q=".length);
  return { tag, quality: quality === undefined ? 1 : Number(quality) || 0 };
}

/** A language and the script in which it is written: `zh-TW` is `zh-Hant`, `de-AT` is `de-Latn`. */
function writingOf(tag: string): string | undefined {
  const { language, script } = localeOf(tag)?.maximize() ?? {};
  return script && `${language}-${script}`;
}

function localeOf(tag: string): Intl.Locale | undefined {
  try {
    return new Intl.Locale(tag);
  } catch {
    return undefined;
  }
}
