/** What a guest hears of what the bot says: the same by Direct Line as in the guest's page. */
import type { SeenActivity } from "../guest.ts";
import type { Heard } from "./guest.ts";

type Said = Pick<SeenActivity, "type" | "text" | "replyToId"> & {
  from: { role?: string };
  suggestedActions?: { actions: { title: string }[] };
};

/**
 * What the bot said, as the page shows it. A list of the choices stands in the text for channels that show no buttons;
 * beside buttons it is left out. A question that the bot repeats without being asked is not heard again: it stands there.
 */
export function heardIn(activities: readonly Said[]): Heard[] {
  const ofBot = activities.filter(({ from }) => from.role === "bot");
  return ofBot.flatMap((said, at) => (at > 0 && isReminder(said) ? [] : heardOf(said)));
}

function isReminder({ suggestedActions, replyToId }: Said): boolean {
  return suggestedActions !== undefined && replyToId === undefined;
}

function heardOf({ type, text = "", suggestedActions }: Said): Heard[] {
  if (type === "endOfConversation") return [{ type: "end", text: "" }];
  if (type !== "message") return [];
  if (!suggestedActions) return [{ type, text }];
  const choices = suggestedActions.actions.map(({ title }) => title);
  return [{ type, text: withoutList(text, choices), choices }];
}

/** A text without the list of these choices at its end. */
export function withoutList(text: string, choices: readonly string[]): string {
  const list = choices.map((choice) => RegExp.escape(choice)).join("[\\s,、]*");
  return text.replace(new RegExp(`\\s*${list}\\s*$`, "iu"), "");
}
