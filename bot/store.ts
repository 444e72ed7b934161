import type { Activity } from "botbuilder";
import { isoTime } from "../plumbing/clock.ts";
import { openSqlite, type Sqlite } from "../plumbing/sqlite.ts";
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
   ) STRICT;
   CREATE INDEX commands_open ON commands (issued_at) WHERE state = 'pending';

   CREATE TABLE activities (
     conversation TEXT NOT NULL REFERENCES sessions (id),
     seq INTEGER NOT NULL,
     client_id TEXT,
     payload TEXT NOT NULL,
     PRIMARY KEY (conversation, seq),
     UNIQUE (conversation, client_id)
   ) STRICT, WITHOUT ROWID;`,
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

export type StoredActivity = Partial<Activity> & { id: string };

export type BotStore = ReturnType<typeof openBotStore>;

export function openBotStore(file: string) {
  const db: Sqlite = openSqlite(file, MIGRATIONS);
  const sessions = openSessionStore(db);
  const lastSeq = db.prepare("SELECT coalesce(max(seq), 0) FROM activities WHERE conversation = ?").pluck();
  const addActivity = db.prepare("INSERT INTO activities (conversation, seq, client_id, payload) VALUES (?, ?, ?, ?)");
  const activitiesAfter = db
    .prepare("SELECT payload FROM activities WHERE conversation = ? AND seq > ? ORDER BY seq")
    .pluck();
  const findByClientId = db.prepare("SELECT seq FROM activities WHERE conversation = ? AND client_id = ?").pluck();

  function keepActivities(turn: Turn): StoredActivity[] {
    const heard = turn.incoming ? [turn.incoming] : [];
    const first = Number(lastSeq.get(turn.conversation)) + 1;
    const incomingId = activityId(turn.conversation, first);
    return [...heard, ...turn.replies].map((activity, at) => {
      const seq = first + at;
      const isReply = activity !== turn.incoming;
      const stored = {
        ...activity,
        id: activityId(turn.conversation, seq),
        timestamp: isoTime(turn.at) as unknown as Date,
        // A client holds a reply back for seconds when it does not know what it replies to.
        ...(isReply && turn.incoming ? { replyToId: incomingId } : {}),
      };
      addActivity.run(turn.conversation, seq, isReply ? null : (turn.clientId ?? null), JSON.stringify(stored));
      return stored;
    });
  }

  return {
    sessions,

    /** Commits a turn: session, answer, command and everything said. `undefined` when another turn was first. */
    commitTurn: (turn: Turn): Promise<StoredActivity[] | undefined> =>
      db.write(() => {
        if (turn.begin) sessions.add(turn.begin);
        if (turn.change && !sessions.apply(turn.conversation, turn.change)) return undefined;
        return keepActivities(turn);
      }),

    /** What was said after a watermark, oldest first. */
    activitiesAfter: (conversation: string, watermark: number): StoredActivity[] =>
      (activitiesAfter.all(conversation, watermark) as string[]).map(
        (payload) => JSON.parse(payload) as StoredActivity,
      ),

    /** The id under which this client's activity was stored before. */
    knownActivity(conversation: string, clientId: string): string | undefined {
      const seq = findByClientId.get(conversation, clientId) as number | undefined;
      return seq === undefined ? undefined : activityId(conversation, seq);
    },

    close: () => db.close(),
  };
}

/** Sequential ids: their last part is the watermark. */
function activityId(conversation: string, seq: number): string {
  return `${conversation}|${String(seq).padStart(7, "0")}`;
}

export function watermarkOf(activity: StoredActivity): number {
  return Number(activity.id.split("|")[1]);
}
