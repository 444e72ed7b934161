import type { Activity } from "botbuilder";
import { type Conversation, DIRECT_LINE } from "./conversation-store.ts";

/** Who speaks where is said by us, whatever the client or the bot put there. */
export function framed(
  activity: Partial<Activity>,
  { id, userId, locale, session }: Conversation,
  speaker: "guest" | "bot",
): Partial<Activity> {
  const guest = { id: userId, name: "", role: "user" };
  const bot = { id: session ? `pod-${session.serial}` : "aromapod", name: "AromaPod", role: "bot" };
  return {
    ...activity,
    locale: activity.locale ?? locale,
    channelId: DIRECT_LINE,
    conversation: { id, isGroup: false, conversationType: "", name: "" },
    from: speaker === "guest" ? guest : bot,
    recipient: speaker === "guest" ? bot : guest,
  };
}
