import de from "./languages/de.json" with { type: "json" };
import en from "./languages/en.json" with { type: "json" };
import fr from "./languages/fr.json" with { type: "json" };
import ja from "./languages/ja.json" with { type: "json" };
import zhHans from "./languages/zh-Hans.json" with { type: "json" };
import zhHant from "./languages/zh-Hant.json" with { type: "json" };
import type { Language } from "./languages.ts";

export type MessageKey = keyof typeof en;

/** Everything that guests read, by language: messages in ICU's syntax. */
export const CATALOGS: Record<Language, Record<MessageKey, string>> = {
  en,
  "zh-Hant": zhHant,
  "zh-Hans": zhHans,
  ja,
  de,
  fr,
};
