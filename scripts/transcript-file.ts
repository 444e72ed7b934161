import { parseJson } from "../plumbing/json.ts";

/** What is played of an activity, and what it is compared by. */
export type Recorded = {
  type: string;
  timestamp?: string;
  from: { role: "user" | "bot" };
  text?: string | null;
  value?: unknown;
  locale?: string;
  code?: string;
  suggestedActions?: { actions?: { title: string }[] };
};

export const MAX_TRANSCRIPT_BYTES = 8 * 1024 * 1024;

/**
 * The activities of a transcript: a flat list, or one under `transcript`, as UTF-8.
 *
 * @throws one sentence about what is wrong with it
 */
export function parseTranscript(bytes: Uint8Array): Recorded[] {
  const content = parseJson(textOf(bytes));
  if (content === undefined) throw new Error("It is no JSON.");
  const list = Array.isArray(content) ? content : (content as { transcript?: unknown } | null)?.transcript;
  if (!Array.isArray(list)) throw new Error("It holds no list of activities.");
  const wrong = list.findIndex((activity) => !isRecorded(activity));
  if (wrong >= 0) throw new Error(`Its activity ${String(wrong + 1)} lacks a "type", or a "from.role" of user or bot.`);
  return list as Recorded[];
}

function textOf(bytes: Uint8Array): string {
  // JSON has no zero bytes; two bytes for a plain letter have one.
  if (bytes.includes(0)) throw new Error('It is UTF-16, as ">" of PowerShell writes it: save it as UTF-8.');
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error("It is not UTF-8.");
  }
}

function isRecorded(activity: unknown): boolean {
  const { type, from, text } = (activity ?? {}) as Record<string, unknown>;
  const role = (from as { role?: unknown } | null | undefined)?.role;
  const hasWords = text === undefined || text === null || typeof text === "string";
  return typeof type === "string" && (role === "user" || role === "bot") && hasWords;
}
