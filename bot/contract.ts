/** What the bot serves beside Direct Line: what a launch link gives, and how a session stands. */

/** `ended` has an answer, `abandoned` has none; the answer and the end are one step. */
export type SessionState = "started" | "asked" | "ended" | "abandoned";

export type CommandState = "pending" | "accepted" | "rejected" | "expired";

/** `POST /r/<link>/token`, for any Direct Line client; the session begins when it starts the conversation. */
export type TokenAnswer = { conversationId: string; token: string; expires_in: number };

/** What became of the guest's choice, for people; `final` when nothing more will happen. */
export type GuestNote = { text: string; tone: "good" | "bad" | ""; final: boolean };

/** `GET /r/<link>/session`, with a `note` of type `GuestNote`: the guest's own session, known by a cookie. */
export type GuestView = {
  state: SessionState | "none";
  scent: string | null;
  command: { state: CommandState; reason: string | null } | null;
  pod: "online" | "offline" | "lost" | "unknown";
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
