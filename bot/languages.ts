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
const RIGHT_TO_LEFT = new Set(["Arab", "Hebr", "Thaa", "Syrc"]);

/** The spoken language that a BCP 47 tag such as `zh-HK` or `de-AT` means, if it is one of ours. */
export function languageOf(tag: string): Language | undefined {
  const wanted = maximized(tag);
  return LANGUAGES.find(({ tag: ours }) => {
    const { language, script } = new Intl.Locale(ours).maximize();
    return wanted?.language === language && wanted.script === script;
  })?.tag;
}

/** The first of ours that an `Accept-Language` header asks for. */
export function preferredLanguage(header: string | undefined): Language {
  const ranges = (header ?? "").slice(0, MAX_HEADER_CHARACTERS).split(",").map(readRange);
  const wanted = ranges.filter(({ quality }) => quality > 0).sort((a, b) => b.quality - a.quality);
  return wanted.map(({ tag }) => languageOf(tag)).find((language) => language !== undefined) ?? FALLBACK;
}

/** For the `dir` of a page in this language. */
export function directionOf(tag: string): "ltr" | "rtl" {
  return RIGHT_TO_LEFT.has(maximized(tag)?.script ?? "") ? "rtl" : "ltr";
}

function readRange(range: string): { tag: string; quality: number } {
  const [tag = "", ...parameters] = range.split(";").map((part) => part.trim());
  const quality = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
  return { tag, quality: quality === undefined ? 1 : Number(quality) || 0 };
}

function maximized(tag: string): Intl.Locale | undefined {
  try {
    return new Intl.Locale(tag).maximize();
  } catch {
    return undefined;
  }
}
