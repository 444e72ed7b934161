import type { Log } from "../plumbing/log.ts";
import type { Sqlite } from "../plumbing/sqlite.ts";
import type { FlowHop, SessionNotice } from "./contract.ts";
import type { NewHop } from "./flow-hops.ts";
import { type FlowRow, flowHopOf, flowViews } from "./flow-views.ts";
import { masked } from "./mask.ts";

/** A flow as something other than its session's notices begins or knows it. */
export type FlowStart = {
  id: string;
  serial: string;
  state: "ended" | "command" | "event";
  scent: string | null;
  commandId: string | null;
  traceparent: string | null;
};

type FlowChange = Omit<FlowStart, "state"> & {
  at: number;
  state: string;
  /** 0 when a flow that is there keeps its state. */
  moves: 0 | 1;
  answer: string | null;
  commandState: string | null;
};

type Entry = { flowId: string; hops: readonly NewHop[]; change?: FlowChange };

/** Steps of the command, as opposed to those of the session itself. */
const COMMAND_STEPS = ["confirmed", "rejected", "expired"];

/** How many flows are known without asking the store: more than are under way. */
const MAX_KNOWN = 5_000;
const FORGET_AT_ONCE = 2_000;

export type FlowStore = ReturnType<typeof openFlowStore>;

/** What each flow went through, for people to look at: the truth is with the bot, the journal and the deliveries. */
export function openFlowStore(db: Sqlite, log: Log) {
  const sql = prepare(db);
  const { add, find, listeners } = openBatches({ db, sql, log });

  return {
    /** A hop of a flow that something has begun. */
    addHop: (flowId: string, hop: NewHop): void => add({ flowId, hops: [hop] }),

    /** Hops of a flow that they may be the first of. */
    addHops(flow: FlowStart, hops: readonly NewHop[]): void {
      const at = hops[0]?.at ?? 0;
      add({ flowId: flow.id, hops, change: { ...flow, at, moves: 0, answer: null, commandState: null } });
    },

    /** Keeps what the bot told about a session. */
    notice(serial: string, notice: SessionNotice, hops: readonly NewHop[]): void {
      const { sessionId: id, step, answer = null, scent = null, commandId = null, traceparent = null } = notice;
      const isCommandStep = COMMAND_STEPS.includes(step);
      const commandState = isCommandStep ? step : commandId ? "pending" : null;
      const session = { id, serial, state: isCommandStep ? "ended" : step, answer, scent, commandId, commandState };
      const at = hops[0]?.at ?? Date.parse(notice.at);
      add({ flowId: id, hops, change: { ...session, at, traceparent, moves: isCommandStep ? 0 : 1 } });
    },

    /** Whether this is the session or command of some other device. */
    isOfAnother: (id: string, serial: string): boolean => (find(id)?.serial ?? serial) !== serial,

    /** Calls `listener` with hops that are on disk; returns how to end that. */
    onHops(listener: (hops: readonly FlowHop[]) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    /** Forgets hops of before this time, some at a time; false when there are no more. */
    forgetBefore: (at: number): Promise<boolean> =>
      db.writeSoon(() => sql.forget.run({ at, limit: FORGET_AT_ONCE }).changes === FORGET_AT_ONCE),

    ...flowViews(db),
  };
}

/** Nobody waits for a hop, so those that come together share a commit. */
function openBatches({ db, sql, log }: { db: Sqlite; sql: Statements; log: Log }) {
  const known = rememberFlows((id) => sql.findFlow.get(id) as KnownFlow | undefined);
  const listeners = new Set<(hops: readonly FlowHop[]) => void>();
  let batch: Entry[] = [];

  function add(entry: Entry): void {
    batch.push(entry);
    if (batch.length > 1) return;
    const ours = batch;
    db.writeInBulk(() => write(ours)).then(tell, (err: unknown) => {
      if (batch === ours) batch = [];
      known.clear();
      log.warn({ err }, "hops not kept");
    });
  }

  function write(entries: readonly Entry[]): FlowRow[] {
    if (batch === entries) batch = [];
    // It is run again, and what the first run knew is not on disk.
    else known.clear();
    return entries.flatMap(writeEntry);
  }

  function writeEntry({ flowId, hops, change }: Entry): FlowRow[] {
    if (change && (saysMore(change) || !known.get(flowId))) known.set(flowId, sql.saveFlow.get(change) as KnownFlow);
    const flow = known.get(flowId);
    return flow ? hops.map((hop) => ({ ...writeHop(flow.n, hop), flowId })) : [];
  }

  function writeHop(flow: number, { at, part, name, ok, detail, payload }: NewHop) {
    const shown = payload === undefined ? null : masked(payload);
    const row = { flow, at, part, name, ok: ok ? 1 : 0, detail, payload: shown };
    return { ...row, n: Number(sql.insertHop.run(row).lastInsertRowid) };
  }

  /**
   * Told once it is on disk, which is within the 25 ms that a write may wait and its commit: so what somebody saw is
   * found again under the same number, by a link or by who goes on after it.
   */
  function tell(rows: readonly FlowRow[]): void {
    if (listeners.size === 0) return;
    const hops = rows.map((row) => flowHopOf(row, known.get(row.flowId)?.serial ?? ""));
    for (const listener of listeners) listener(hops);
  }

  return { add, find: known.get, listeners };
}

type Statements = ReturnType<typeof prepare>;

/** Than that there is a flow. */
function saysMore({ moves, commandState }: FlowChange): boolean {
  return moves === 1 || commandState !== null;
}

type KnownFlow = { n: number; serial: string };

/** The flows that were seen last. */
function rememberFlows(find: (id: string) => KnownFlow | undefined) {
  const flows = new Map<string, KnownFlow>();
  function set(id: string, flow: KnownFlow): void {
    flows.set(id, flow);
    if (flows.size > MAX_KNOWN) flows.delete(flows.keys().next().value ?? "");
  }
  function get(id: string): KnownFlow | undefined {
    const known = flows.get(id);
    if (known) return known;
    const found = find(id);
    if (found) set(id, found);
    return found;
  }
  return { get, set, clear: () => flows.clear() };
}

function prepare(db: Sqlite) {
  return {
    insertHop: db.prepare(
      `INSERT INTO hops (flow, at, part, name, ok, detail, payload)
       VALUES (:flow, :at, :part, :name, :ok, :detail, :payload)`,
    ),
    saveFlow: db.prepare(
      `INSERT INTO flows (id, serial, started_at, state, answer, scent, command_id, command_state, traceparent)
       VALUES (:id, :serial, :at, :state, :answer, :scent, :commandId, :commandState, :traceparent)
       ON CONFLICT (id) DO UPDATE SET
         serial = CASE WHEN :moves THEN excluded.serial ELSE serial END,
         state = CASE WHEN :moves THEN excluded.state ELSE state END,
         answer = coalesce(excluded.answer, answer),
         scent = coalesce(excluded.scent, scent),
         command_id = coalesce(excluded.command_id, command_id),
         command_state = coalesce(excluded.command_state, command_state),
         traceparent = coalesce(traceparent, excluded.traceparent)
       RETURNING n, serial`,
    ),
    findFlow: db.prepare("SELECT n, serial FROM flows WHERE id = ?"),
    // The newest hop stays, so that no number is given twice.
    forget: db.prepare(
      `DELETE FROM hops WHERE n IN (
         SELECT n FROM hops WHERE n < coalesce(
           (SELECT n FROM hops WHERE at >= :at ORDER BY n LIMIT 1), (SELECT max(n) FROM hops)
         ) ORDER BY n LIMIT :limit)`,
    ),
  };
}
