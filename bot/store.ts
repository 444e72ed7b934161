import type { Activity } from "botbuilder";
import { openSqlite } from "../plumbing/sqlite.ts";
import { openActivityStore, type StoredActivity } from "./activity-store.ts";
import { type NewSession, openSessionStore, type SessionChange } from "./session-store.ts";

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
];

/** What one turn of the bot leaves behind, to be committed as a whole. */
export type Turn = {
  conversation: string;
  /** The session that this turn begins. */
  begin?: NewSession;
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
  const activities = openActivityStore(db);

  /** Commits a turn: session, answer, command and everything said. `undefined` when another turn was first. */
  function commitTurn(turn: Turn): Promise<StoredActivity[] | undefined> {
    return db.write(() => {
      if (turn.begin) sessions.add(turn.begin);
      if (turn.change && !sessions.apply(turn.conversation, turn.change)) return undefined;
      return activities.add(turn);
    });
  }

  return { sessions, activities, commitTurn, close: db.close };
}
