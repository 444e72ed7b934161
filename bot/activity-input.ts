import type { Activity } from "botbuilder";
import { HttpError } from "../plumbing/http-reply.ts";

const MAX_TEXT_CHARACTERS = 2_000;
/** Of `value` and `channelData` together, as JSON: all that was said is read again at once. */
const MAX_DATA_CHARACTERS = 4_000;
const MAX_DEPTH = 32;
const MAX_LOCALE_CHARACTERS = 35;
const CLIENT_ID_SHAPE = /^[\w.:|-]{1,128}$/;
const LOCALE_SHAPE = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/;

/** Kinds that only a channel may send: a guest's client must not tell the bot who joined. */
const OF_CHANNELS = new Set(["conversationUpdate", "contactRelationUpdate", "installationUpdate", "trace"]);

/**
 * What the bot may hear of a posted activity; who sent it and where is not for the client to say. `"typing"` says that
 * the guest is there, `"other"` are the kinds that clients may send and the bot need not hear.
 *
 * @throws {HttpError} 400 with what is wrong
 */
export function readActivity(body: unknown): Partial<Activity> | "typing" | "other" {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new HttpError(400, "Send one activity as JSON.");
  }
  if (!isFlat(body, MAX_DEPTH)) throw new HttpError(400, `The activity is nested deeper than ${String(MAX_DEPTH)}.`);
  const { type } = body as { type?: unknown };
  if (typeof type !== "string") throw new HttpError(400, `The activity has no "type".`);
  if (OF_CHANNELS.has(type)) throw new HttpError(400, "This type of activity is not for clients to send.");
  if (type === "message") return readMessage(body);
  return type === "typing" ? "typing" : "other";
}

function readMessage(body: object): Partial<Activity> {
  const { text = "", value, channelData, locale } = body as Record<string, unknown>;
  if (typeof text !== "string" || text.length > MAX_TEXT_CHARACTERS) {
    throw new HttpError(400, `"text" must be a string of at most ${String(MAX_TEXT_CHARACTERS)} characters.`);
  }
  if (JSON.stringify({ value, channelData }).length > MAX_DATA_CHARACTERS) {
    throw new HttpError(400, `"value" and "channelData" take at most ${String(MAX_DATA_CHARACTERS)} characters.`);
  }
  const spoken = readLocale(locale);
  return { type: "message", text, value, channelData, ...(spoken ? { locale: spoken } : {}) };
}

/** Whether nothing in a value lies deeper than so many levels: what is deeper could not be written as JSON again. */
function isFlat(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isFlat(inner, levels - 1));
}

/** The id by which a client marks its activity, so that sending it again is no second answer. */
export function clientIdOf(activity: Partial<Activity>): string | undefined {
  const id = (activity.channelData as { clientActivityID?: unknown } | null | undefined)?.clientActivityID;
  return typeof id === "string" && CLIENT_ID_SHAPE.test(id) ? id : undefined;
}

/** A BCP 47 tag. */
export function readLocale(value: unknown): string | undefined {
  const isTag = typeof value === "string" && value.length <= MAX_LOCALE_CHARACTERS && LOCALE_SHAPE.test(value);
  return isTag ? value : undefined;
}

/** Clients send an empty watermark for "from the start"; whatever cannot be read means the same. */
export function readWatermark(value: string | null): number {
  return value !== null && /^\d{1,15}$/.test(value) ? Number(value) : 0;
}
