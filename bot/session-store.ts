import type { Sqlite } from "../plumbing/sqlite.ts";
import type { CommandState, SessionState } from "./contract.ts";

export type Session = {
  id: string;
  serial: string;
  channel: string;
  conversation: string;
  userId: string;
  state: SessionState;
  answer: string | null;
  scent: string | null;
  startedAt: number;
  endedAt: number | null;
};

export type StoredCommand = {
  id: string;
  sessionId: string;
  serial: string;
  scent: string;
  state: CommandState;
  reason: string | null;
  issuedAt: number;
  expiresAt: number;
};

export type NewSession = Pick<Session, "id" | "serial" | "channel" | "conversation" | "userId" | "startedAt">;
export type NewCommand = Omit<StoredCommand, "state" | "reason">;

/** What a turn does to its session; `ended` brings the command for the pod with it. */
export type SessionChange =
  | { to: "asked" }
  | { to: "ended"; answer: string; scent: string; at: number; command: NewCommand };

const SESSION = `id, serial, channel, conversation, user_id AS userId, state, answer, scent, started_at AS startedAt, ended_at AS endedAt`;
const COMMAND = `id, session_id AS sessionId, serial, scent, state, reason, issued_at AS issuedAt, expires_at AS expiresAt`;

export type SessionStore = ReturnType<typeof openSessionStore>;

/** Sessions and their commands. A session changes by compare-and-set only, so an answer is taken once. */
export function openSessionStore(db: Sqlite) {
  const sql = statements(db);

  /** Within a write; false when the session is not in the state that the change needs. */
  function apply(sessionId: string, change: SessionChange): boolean {
    if (change.to === "asked") return sql.ask.run(sessionId).changes === 1;
    const { answer, scent, at, command } = change;
    if (sql.end.run({ id: sessionId, answer, scent, at }).changes !== 1) return false;
    sql.addCommand.run(command);
    return true;
  }

  return {
    /** Within a write. */
    add: (session: NewSession) => sql.add.run(session),
    apply,

    begin: (session: NewSession) => db.write(() => sql.add.run(session)),
    change: (sessionId: string, change: SessionChange): Promise<boolean> => db.write(() => apply(sessionId, change)),
    find: (id: string) => sql.find.get(id) as Session | undefined,
    latest: (channel: string, conversation: string) => sql.latest.get(channel, conversation) as Session | undefined,
    commandOf: (sessionId: string) => sql.commandOf.get(sessionId) as StoredCommand | undefined,
    command: (id: string) => sql.findCommand.get(id) as StoredCommand | undefined,
    openCommands: () => sql.openCommands.all() as StoredCommand[],

    /** Resolves with whether this was news. */
    settleCommand: (id: string, state: CommandState, reason: string | null): Promise<boolean> =>
      db.writeSoon(() => sql.settle.run({ id, state, reason }).changes === 1),

    countByState: () => sql.countSessions.all() as { state: SessionState; number: number }[],
  };
}

function statements(db: Sqlite) {
  return {
    add: db.prepare(
      `INSERT INTO sessions (id, serial, channel, conversation, user_id, state, started_at)
     VALUES (:id, :serial, :channel, :conversation, :userId, 'started', :startedAt)`,
    ),
    find: db.prepare(`SELECT ${SESSION} FROM sessions WHERE id = ?`),
    latest: db.prepare(
      `SELECT ${SESSION} FROM sessions WHERE channel = ? AND conversation = ? ORDER BY n DESC LIMIT 1`,
    ),
    ask: db.prepare("UPDATE sessions SET state = 'asked' WHERE id = ? AND state = 'started'"),
    end: db.prepare(
      "UPDATE sessions SET state = 'ended', answer = :answer, scent = :scent, ended_at = :at WHERE id = :id AND state = 'asked'",
    ),
    addCommand: db.prepare(
      `INSERT INTO commands (id, session_id, serial, scent, state, issued_at, expires_at)
     VALUES (:id, :sessionId, :serial, :scent, 'pending', :issuedAt, :expiresAt)`,
    ),
    commandOf: db.prepare(`SELECT ${COMMAND} FROM commands WHERE session_id = ?`),
    findCommand: db.prepare(`SELECT ${COMMAND} FROM commands WHERE id = ?`),
    openCommands: db.prepare(`SELECT ${COMMAND} FROM commands WHERE state = 'pending' ORDER BY issued_at`),
    // An answer of the pod that comes after the time was up is still the truth.
    settle: db.prepare(
      "UPDATE commands SET state = :state, reason = :reason WHERE id = :id AND (state = 'pending' OR (state = 'expired' AND :state = 'accepted'))",
    ),
    countSessions: db.prepare("SELECT state, count(*) AS number FROM sessions GROUP BY state"),
  };
}
