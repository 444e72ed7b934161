import type { HttpRequest } from "../plumbing/http-request.ts";
import { LANGUAGES, type Language, preferredLanguage } from "./languages.ts";

const COOKIE = "aromapod-lang";
const LIFE_S = 86_400;

/** The language that the guest has chosen, or that the browser asks for. */
export function guestLanguage(request: HttpRequest): Language {
  return ours(request.cookie(COOKIE)) ?? preferredLanguage(request.header("accept-language"));
}

/** The `Set-Cookie` header that remembers a choice; none when the tag is not one of ours. */
export function languageCookie(tag: string | null): Record<string, string> {
  const language = ours(tag);
  if (!language) return {};
  return { "set-cookie": `${COOKIE}=${language}; Path=/r; Max-Age=${String(LIFE_S)}; HttpOnly; SameSite=Lax` };
}

function ours(tag: string | null | undefined): Language | undefined {
  return LANGUAGES.find((language) => language.tag === tag)?.tag;
}
