import type { Sqlite } from "../plumbing/sqlite.ts";
import type { CommandState, SessionState } from "./contract.ts";
import type { NewSession, Session, SessionChange, StoredCommand } from "./session.ts";

const SESSION = `id, serial, channel, conversation, user_id AS userId, state, answer, scent, locale, started_at AS startedAt, ended_at AS endedAt, due_at AS dueAt, warned`;
const COMMAND = `id, session_id AS sessionId, serial, scent, state, reason, issued_at AS issuedAt, expires_at AS expiresAt`;

export type SessionStore = ReturnType<typeof openSessionStore>;

/** Sessions and their commands. A session changes by compare-and-set only, so an answer is taken once. */
export function openSessionStore(db: Sqlite) {
  const sql = statements(db);

  /** Within a write; false when the session is not in the state that the change needs. */
  function apply(sessionId: string, change: SessionChange): boolean {
    if (sql[change.to].run({ ...change, id: sessionId }).changes !== 1) return false;
    if (change.to === "ended") sql.addCommand.run(change.command);
    return true;
  }

  /** Within a write. Where sessions follow each other, the new one takes the place of one that was never answered. */
  function add(session: NewSession): void {
    if (session.conversation !== session.id) sql.supersede.run(session);
    sql.add.run(session);
  }

  return {
    add,
    apply,

    begin: (session: NewSession) => db.write(() => add(session)),
    change: (sessionId: string, change: SessionChange): Promise<boolean> => db.write(() => apply(sessionId, change)),
    find: (id: string) => sql.find.get(id) as Session | undefined,
    latest: (channel: string, conversation: string) => sql.latest.get(channel, conversation) as Session | undefined,
    commandOf: (sessionId: string) => sql.commandOf.get(sessionId) as StoredCommand | undefined,
    command: (id: string) => sql.findCommand.get(id) as StoredCommand | undefined,
    openCommands: () => sql.openCommands.all() as StoredCommand[],
    /** Open sessions that somebody has to look at, the longest due first. */
    due: (now: number) => sql.due.all(now) as Session[],

    /** Resolves with whether this was news. */
    settleCommand: (id: string, state: CommandState, reason: string | null): Promise<boolean> =>
      db.writeSoon(() => sql.settle.run({ id, state, reason }).changes === 1),

    countByState: () => sql.countSessions.all() as { state: SessionState; number: number }[],
  };
}

function statements(db: Sqlite) {
  return {
    add: db.prepare(
      `INSERT INTO sessions (id, serial, channel, conversation, user_id, locale, state, started_at, due_at)
     VALUES (:id, :serial, :channel, :conversation, :userId, :locale, 'started', :startedAt, :dueAt)`,
    ),
    supersede: db.prepare(
      `UPDATE sessions SET state = 'abandoned', due_at = NULL, ended_at = :startedAt
     WHERE channel = :channel AND conversation = :conversation AND state IN ('started', 'asked')`,
    ),
    find: db.prepare(`SELECT ${SESSION} FROM sessions WHERE id = ?`),
    latest: db.prepare(
      `SELECT ${SESSION} FROM sessions WHERE channel = ? AND conversation = ? ORDER BY n DESC LIMIT 1`,
    ),
    due: db.prepare(`SELECT ${SESSION} FROM sessions WHERE due_at <= ? ORDER BY due_at LIMIT 100`),
    ...changes(db),
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

/** One statement for each state that a session can get into, and what it has to be in before. */
function changes(db: Sqlite): Record<SessionChange["to"], ReturnType<Sqlite["prepare"]>> {
  const update = (what: string, from: string) =>
    db.prepare(`UPDATE sessions SET ${what} WHERE id = :id AND state ${from}`);
  return {
    asked: update("state = 'asked'", "= 'started'"),
    heard: update("due_at = :dueAt, warned = :warned, locale = :locale", "IN ('started', 'asked')"),
    warned: update("due_at = :dueAt, warned = 1", "IN ('started', 'asked') AND due_at <= :at"),
    ended: update("state = 'ended', answer = :answer, scent = :scent, ended_at = :at, due_at = NULL", "= 'asked'"),
    abandoned: update(
      "state = 'abandoned', ended_at = :at, due_at = NULL",
      "IN ('started', 'asked') AND due_at <= :at",
    ),
  };
}
