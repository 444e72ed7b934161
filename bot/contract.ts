/** What the bot serves beside Direct Line: what a launch link gives, and how a session stands. */
import { z } from "zod";

/** `ended` has an answer, `abandoned` has none; the answer and the end are one step. */
export type SessionState = "started" | "asked" | "ended" | "abandoned";

export type CommandState = "pending" | "accepted" | "rejected" | "expired";

/** `POST /r/<link>/token`, for any Direct Line client; the session begins when it starts the conversation. */
export type TokenAnswer = { conversationId: string; token: string; expires_in: number };

/**
 * What became of the guest's choice, for people; `final` when the pod's answer will not change any more. `step` is how
 * far it got: 1 sent, 2 confirmed, 3 diffusing.
 */
export type GuestNote = { text: string; tone: "good" | "bad" | ""; final: boolean; step: 0 | 1 | 2 | 3 };

/** `GET /r/<link>/session`, with a `note` of type `GuestNote`: the guest's own session, known by a cookie. */
export type GuestView = {
  state: SessionState | "none";
  scent: string | null;
  command: { state: CommandState; reason: string | null } | null;
  pod: "online" | "offline" | "lost" | "unknown";
  /** The scent that the pod says it is diffusing. */
  diffusing: string | null;
};

/** `GET /api/sessions/<id>` with the operator's key: the truth about session and command. */
export type BotSessionView = {
  id: string;
  serial: string;
  channel: string;
  state: SessionState;
  answer: string | null;
  scent: string | null;
  startedAt: string;
  endedAt: string | null;
  command: { id: string; state: CommandState; reason: string | null; issuedAt: string; expiresAt: string } | null;
};

/** `GET /api/launch/<serial>` with the operator's key; `?as=terminal|text|svg|png` is the link's QR code instead. */
export type LaunchView = { serial: string; url: string; keyVersion: number };

/** Body of `POST /api/cards` with the operator's key: a printable card for each device, in these languages. */
export const cardsRequestSchema = z.strictObject({
  serials: z.array(z.string().max(32)).min(1).max(2_000).describe("Of which devices, a card for each."),
  languages: z.array(z.string().max(35)).min(1).max(20).describe("What a card is written in, such as `zh-Hant`."),
});
