import { readStart } from "./question.ts";

/** A session of the bundled Direct Line, which may have its conversation for itself or not. */
type Talk = { userId: string; serial: string; conversation: string; startedAt: number; endedAt: number | null };

/** What was said, as it was kept. */
type Said = { id: string; timestamp?: unknown; type?: string; text?: string; from?: { id: string; role?: string } };

type Party = { id: string; name: string; role: "user" | "bot" };

export type TranscriptActivity = {
  id: string;
  timestamp: string;
  type: string;
  channelId: "directline";
  conversation: { id: string };
  from: Party;
  recipient: Party;
  [more: string]: unknown;
};

/** Channel data is between a client and its server, and no part of the talk. */
const KEPT = ["text", "locale", "value", "inputHint", "suggestedActions", "code", "replyToId"];

/**
 * A session's part of a conversation as the Bot Framework Emulator opens it: a flat list in which everybody, of every
 * activity, has an id and a role. A launch link that the guest sent is left out, for it opens the room's chat.
 */
export function transcriptOf(session: Talk, said: readonly Said[]): TranscriptActivity[] {
  const { startedAt, endedAt } = session;
  const timeOf = ({ timestamp }: Said) => Date.parse(String(timestamp));
  const talk = said.filter((activity) => {
    const at = timeOf(activity);
    return at >= startedAt && at <= (endedAt ?? at);
  });
  // The link with which the guest began the next session ended this one.
  const next = talk.findIndex(
    (activity) => readStart(activity.text) !== undefined && timeOf(activity) === endedAt && endedAt > startedAt,
  );
  return talk.slice(0, next < 0 ? undefined : next).map((activity) => completed(activity, session));
}

function completed(activity: Said, { userId, serial, conversation }: Talk): TranscriptActivity {
  const guest: Party = { id: userId, name: "Guest", role: "user" };
  const bot: Party = { id: `pod-${serial}`, name: "AromaPod", role: "bot" };
  const isGuests = activity.from?.role === "user" || activity.from?.id === userId;
  const { id, timestamp, type = "message", text } = activity;
  const link = readStart(text);
  return {
    id,
    timestamp: String(timestamp),
    type,
    channelId: "directline",
    conversation: { id: conversation },
    from: isGuests ? guest : bot,
    recipient: isGuests ? bot : guest,
    ...Object.fromEntries(Object.entries(activity).filter(([name]) => KEPT.includes(name))),
    ...(link ? { text: text?.replace(link, "…") } : {}),
  };
}
