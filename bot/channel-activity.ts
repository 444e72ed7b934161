import type { Activity, ChannelAccount, ConversationAccount } from "botbuilder";
import { HttpError } from "../plumbing/http-reply.ts";
import { readLocale } from "./activity-input.ts";
import { FALLBACK } from "./languages.ts";

const MAX_ID_CHARACTERS = 1_024;
const MAX_NAME_CHARACTERS = 256;
const MAX_TEXT_CHARACTERS = 2_000;
const MAX_MEMBERS = 100;
/** For a channel that does not say as whom the bot is addressed. */
const BOT: ChannelAccount = { id: "bot", name: "" };

type Fields = Record<string, unknown>;

/**
 * What the bot may hear of a channel's activity, and what a reply needs: all else is left behind, since Bot Framework
 * trusts the shapes and some of the claims of what it is handed. `serviceUrl` is empty when there is none.
 *
 * @throws {HttpError} 400 when it does not say what it is, who sent it or where
 */
export function readChannelActivity(body: unknown): Activity {
  const { type, channelId, conversation, from, ...more } = fieldsOf(body);
  const where = fieldsOf(conversation);
  const who = readAccount(from);
  if (!isId(type) || !isId(channelId) || !isId(where["id"]) || !who) {
    throw new HttpError(400, `Send an activity with "type", "channelId", "conversation" and "from".`);
  }
  const activity: Partial<Activity> = {
    type,
    channelId,
    serviceUrl: readServiceUrl(more["serviceUrl"]),
    conversation: readConversation(where, where["id"]),
    from: who,
    recipient: readAccount(more["recipient"]) ?? BOT,
    membersAdded: readMembers(more["membersAdded"]),
    locale: readLocale(more["locale"]) ?? FALLBACK,
    deliveryMode: more["deliveryMode"] === "expectReplies" ? "expectReplies" : "normal",
    value: more["value"],
  };
  if (isId(more["id"])) activity.id = more["id"];
  if (typeof more["text"] === "string") activity.text = more["text"].slice(0, MAX_TEXT_CHARACTERS);
  return activity as Activity;
}

function readServiceUrl(value: unknown): string {
  return isId(value) && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol) ? value : "";
}

/** What channels want to read again in a reply. */
function readConversation(where: Fields, id: string): ConversationAccount {
  const text = (name: string) => (typeof where[name] === "string" ? where[name].slice(0, MAX_NAME_CHARACTERS) : "");
  const tenantId = text("tenantId");
  return {
    id,
    name: text("name"),
    conversationType: text("conversationType"),
    isGroup: where["isGroup"] === true,
    ...(tenantId ? { tenantId } : {}),
  };
}

function readMembers(value: unknown): ChannelAccount[] {
  const members = Array.isArray(value) ? value.slice(0, MAX_MEMBERS) : [];
  return members.map(readAccount).filter((member) => member !== undefined);
}

/** Without its role: who is the bot is not for the channel to say. */
function readAccount(value: unknown): ChannelAccount | undefined {
  const { id, name } = fieldsOf(value);
  return isId(id) ? { id, name: typeof name === "string" ? name.slice(0, MAX_NAME_CHARACTERS) : "" } : undefined;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= MAX_ID_CHARACTERS;
}
