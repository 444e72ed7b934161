import type { Activity } from "botbuilder";
import { failpoint } from "../plumbing/failpoint.ts";
import { openSqlite } from "../plumbing/sqlite.ts";
import { openActivityStore, type StoredActivity } from "./activity-store.ts";
import { type NewConversation, openConversationStore } from "./conversation-store.ts";
import type { NewSession, SessionChange } from "./session.ts";
import { openSessionStore } from "./session-store.ts";

const MIGRATIONS = [
  `CREATE TABLE sessions (
     n INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     serial TEXT NOT NULL,
     channel TEXT NOT NULL,
     conversation TEXT NOT NULL,
     user_id TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('started', 'asked', 'answered', 'ended', 'abandoned')),
     answer TEXT,
     scent TEXT,
     started_at INTEGER NOT NULL,
     ended_at INTEGER
   ) STRICT;
   CREATE INDEX sessions_by_conversation ON sessions (channel, conversation, n);

   CREATE TABLE commands (
     id TEXT PRIMARY KEY,
     session_id TEXT NOT NULL UNIQUE REFERENCES sessions (id),
     serial TEXT NOT NULL,
     scent TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('pending', 'accepted', 'rejected', 'expired')),
     reason TEXT,
     issued_at INTEGER NOT NULL,
     expires_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX commands_open ON commands (issued_at) WHERE state = 'pending';

   CREATE TABLE activities (
     conversation TEXT NOT NULL REFERENCES sessions (id),
     seq INTEGER NOT NULL,
     client_id TEXT,
     payload TEXT NOT NULL,
     PRIMARY KEY (conversation, seq)
   ) STRICT, WITHOUT ROWID;
   CREATE UNIQUE INDEX activities_by_client ON activities (conversation, client_id) WHERE client_id IS NOT NULL;`,

  // A session of the bundled Direct Line is a conversation of its own; 'conversations' are those without a pod.
  `ALTER TABLE sessions ADD COLUMN locale TEXT NOT NULL DEFAULT 'en';
   ALTER TABLE sessions ADD COLUMN warned INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE sessions ADD COLUMN due_at INTEGER;
   UPDATE sessions SET due_at = started_at WHERE state IN ('started', 'asked');
   UPDATE sessions SET channel = 'azure-directline' WHERE channel = 'directline' AND conversation <> id;
   CREATE INDEX sessions_due ON sessions (due_at) WHERE due_at IS NOT NULL;

   CREATE TABLE conversations (
     id TEXT PRIMARY KEY,
     user_id TEXT NOT NULL,
     locale TEXT NOT NULL,
     started_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE said (
     conversation TEXT NOT NULL,
     seq INTEGER NOT NULL,
     client_id TEXT,
     payload TEXT NOT NULL,
     PRIMARY KEY (conversation, seq)
   ) STRICT, WITHOUT ROWID;
   INSERT INTO said SELECT conversation, seq, client_id, payload FROM activities;
   DROP TABLE activities;
   ALTER TABLE said RENAME TO activities;
   CREATE UNIQUE INDEX activities_by_client ON activities (conversation, client_id) WHERE client_id IS NOT NULL;`,
];

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
