import type { Activity } from "botbuilder";
import { failpoint } from "../plumbing/failpoint.ts";
import { openSqlite } from "../plumbing/sqlite.ts";
import { openActivityStore, type StoredActivity } from "./activity-store.ts";
import { type NewConversation, openConversationStore } from "./conversation-store.ts";
import { MIGRATIONS } from "./migrations.ts";
import type { NewSession, SessionChange } from "./session.ts";
import { openSessionStore } from "./session-store.ts";

/** What one turn of the bot leaves behind, to be committed as a whole. */
export type Turn = {
  conversation: string;
  /** The conversation that this turn opens, when it has no pod yet. */
  open?: NewConversation;
  /** The session that this turn begins. */
  begin?: NewSession;
  /** The session that this turn changes. */
  sessionId?: string;
  /** What the guest sent; absent when the bot speaks first. */
  incoming?: Partial<Activity>;
  clientId?: string;
  replies: Partial<Activity>[];
  change?: SessionChange;
  at: number;
};

export type BotStore = ReturnType<typeof openBotStore>;

/** One SQLite file, one writer; each of its parts owns the SQL of its tables. */
export function openBotStore(file: string) {
  const db = openSqlite(file, MIGRATIONS);
  const sessions = openSessionStore(db);
  const conversations = openConversationStore(db, sessions);
  const activities = openActivityStore(db);

  /** Commits a turn: session, answer, command and everything said. `undefined` when another turn was first. */
  function commitTurn(turn: Turn): Promise<StoredActivity[] | undefined> {
    return db.write(() => {
      if (turn.open) conversations.add(turn.open);
      if (turn.begin) sessions.add(turn.begin);
      if (turn.change && !sessions.apply(turn.sessionId ?? "", turn.change)) return undefined;
      const said = activities.add(turn);
      failpoint("bot.turn-in-commit");
      return said;
    });
  }

  /** Forgets what was said before; sessions and commands are kept, as they are what usages are proved by. */
  const forgetBefore = (time: number) =>
    db.writeSoon(() => activities.removeBefore(time) + conversations.removeBefore(time));

  return { sessions, conversations, activities, commitTurn, forgetBefore, close: db.close };
}
