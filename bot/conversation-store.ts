import { idAt } from "../plumbing/clock.ts";
import type { Sqlite } from "../plumbing/sqlite.ts";
import { isOver, type Session } from "./session.ts";
import type { SessionStore } from "./session-store.ts";

export const DIRECT_LINE = "directline";

/** A conversation that was begun without a launch link, and so without a pod. */
export type NewConversation = { id: string; userId: string; locale: string; startedAt: number };

/** A conversation of the bundled Direct Line. */
export type Conversation = {
  id: string;
  userId: string;
  locale: string;
  /** The session that it is, or else the newest of those that it holds one after the other. */
  session: Session | undefined;
  /** Whether it is its session, and ends with it. */
  isSession: boolean;
};

/** Whether nothing more will be said; a conversation that holds several sessions goes on. */
export function hasEnded({ isSession, session }: Conversation): boolean {
  return isSession && isOver(session);
}

/** Conversations: each session of a launch link is one; those of other tokens stand here. */
export function openConversationStore(db: Sqlite, sessions: SessionStore) {
  const add = db.prepare(
    "INSERT INTO conversations (id, user_id, locale, started_at) VALUES (:id, :userId, :locale, :startedAt)",
  );
  const find = db.prepare("SELECT id, user_id AS userId, locale FROM conversations WHERE id = ?");
  const remove = db.prepare("DELETE FROM conversations WHERE id < ?");

  return {
    /** Within a write. */
    add: (conversation: NewConversation) => add.run(conversation),

    find(id: string): Conversation | undefined {
      const session = sessions.find(id);
      if (session?.conversation === id) {
        const { userId, locale } = session;
        return { id, userId, locale, session, isSession: true };
      }
      const found = find.get(id) as Pick<Conversation, "id" | "userId" | "locale"> | undefined;
      return found && { ...found, session: sessions.latest(DIRECT_LINE, id), isSession: false };
    },

    /** Within a write. */
    removeBefore: (time: number): number => remove.run(idAt(time)).changes,
  };
}
