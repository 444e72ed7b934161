import { isoTime } from "../plumbing/clock.ts";
import type { Log } from "../plumbing/log.ts";
import type { Sqlite } from "../plumbing/sqlite.ts";
import type { FlowPart, Hop, SessionNotice } from "./contract.ts";

type NewHop = { at: number; part: FlowPart; name: string; ok: boolean; detail: string };

export type SessionRow = {
  id: string;
  serial: string;
  state: string;
  answer: string | null;
  scent: string | null;
  command_id: string | null;
  command_state: string | null;
};

/** Steps of the command, as opposed to those of the session itself. */
const COMMAND_STEPS = ["confirmed", "rejected", "expired"];

export type FlowStore = ReturnType<typeof openFlowStore>;

/** What each session went through, for people to look at: the truth is with the bot, the journal and the deliveries. */
export function openFlowStore(db: Sqlite, log: Log) {
  const { insertHop, saveSession, findSession, listHops } = prepare(db);

  /** Nobody waits for a hop, so it shares the next commit. An event without a session has no hops. */
  function addHop(sessionId: string | null, hop: NewHop): void {
    if (sessionId === null) return;
    db.writeSoon(() => insert(sessionId, hop)).catch((err: unknown) => log.warn({ err, sessionId }, "hop not kept"));
  }

  function insert(sessionId: string, hop: NewHop): void {
    insertHop.run({ sessionId, ...hop, ok: hop.ok ? 1 : 0 });
  }

  return {
    addHop,

    /** Keeps what the bot told about a session; nobody waits for it. */
    notice(serial: string, notice: SessionNotice, hop: NewHop): Promise<unknown> {
      const { sessionId: id, step, answer = null, scent = null, commandId = null } = notice;
      const isCommandStep = COMMAND_STEPS.includes(step);
      const commandState = isCommandStep ? step : commandId ? "pending" : null;
      const session = { id, serial, state: isCommandStep ? "ended" : step, answer, scent, commandId, commandState };
      return db.writeSoon(() => {
        saveSession.run({ ...session, isCommandStep: isCommandStep ? 1 : 0 });
        insert(id, hop);
      });
    },

    session: (id: string) => findSession.get(id) as SessionRow | undefined,

    hops: (sessionId: string): Hop[] =>
      (listHops.all(sessionId) as (NewHop & { ok: number | boolean })[]).map((hop) => ({
        ...hop,
        at: isoTime(hop.at),
        ok: Boolean(hop.ok),
        payload: null,
      })),
  };
}

function prepare(db: Sqlite) {
  return {
    insertHop: db.prepare(
      `INSERT INTO hops (session_id, n, at, part, name, ok, detail)
       SELECT :sessionId, coalesce(max(n), 0) + 1, :at, :part, :name, :ok, :detail FROM hops WHERE session_id = :sessionId`,
    ),
    saveSession: db.prepare(
      `INSERT INTO sessions (id, serial, state, answer, scent, command_id, command_state)
       VALUES (:id, :serial, :state, :answer, :scent, :commandId, :commandState)
       ON CONFLICT (id) DO UPDATE SET
         state = CASE WHEN :isCommandStep THEN state ELSE excluded.state END,
         answer = coalesce(excluded.answer, answer),
         scent = coalesce(excluded.scent, scent),
         command_id = coalesce(excluded.command_id, command_id),
         command_state = coalesce(excluded.command_state, command_state)`,
    ),
    findSession: db.prepare("SELECT * FROM sessions WHERE id = ?"),
    listHops: db.prepare("SELECT at, part, name, ok, detail FROM hops WHERE session_id = ? ORDER BY at, n"),
  };
}
