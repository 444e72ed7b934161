import { IntlMessageFormat } from "intl-messageformat";
import { CATALOGS, type MessageKey } from "./catalogs.ts";
import type { Language } from "./languages.ts";

const parsed = new Map<string, IntlMessageFormat>();

/** A message of the catalog in a language; `values` are its ICU arguments, such as `{ scent: "wood" }`. */
export function message(language: Language, key: MessageKey, values: Record<string, string | number> = {}): string {
  const format = parsed.getOrInsertComputed(
    `${language} ${key}`,
    () => new IntlMessageFormat(CATALOGS[language][key], language),
  );
  return String(format.format(values));
}
