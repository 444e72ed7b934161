/** What the page's script gets from the bot, and what it may be refused with. */
export type Chat = { conversationId: string; token: string; streamUrl: string };
export type Refusal = { code?: number; waitMs?: number };
export type Activity = {
  id: string;
  type: string;
  from: { role: string };
  text: string;
  code?: string;
  replyToId?: string;
  value?: { choice?: string };
  channelData?: { clientActivityID?: string };
  suggestedActions?: object;
};
