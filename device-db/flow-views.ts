import { isoTime } from "../plumbing/clock.ts";
import type { Sqlite } from "../plumbing/sqlite.ts";
import type { FlowHop, FlowListQuery, FlowPart, FlowSummary } from "./contract.ts";
import { inOrder } from "./flow-hops.ts";

/** A flow as it is kept. */
export type SessionRow = {
  id: string;
  serial: string;
  started_at: number;
  state: string;
  answer: string | null;
  scent: string | null;
  command_id: string | null;
  command_state: string | null;
  traceparent: string | null;
};

/** A hop as it is kept. */
export type FlowRow = {
  n: number;
  flowId: string;
  at: number;
  part: FlowPart;
  name: string;
  ok: number;
  detail: string;
  payload: string | null;
};

type PlacedRow = FlowRow & { serial: string };

type ListedRow = SessionRow & { room: string | null; failed: number };

/** Who searches is not shown older ones: a search that finds nothing would read all that ever were. */
const SEARCHED = 20_000;

const HOPS = `
  SELECT hops.n, flows.id AS flowId, hops.at, hops.part, hops.name, hops.ok, hops.detail, hops.payload, flows.serial
  FROM hops JOIN flows ON flows.n = hops.flow`;
const OF_FLOW = "hops.flow = (SELECT n FROM flows WHERE id = ?)";
const FAILED = "EXISTS (SELECT 1 FROM hops WHERE flow = flows.n AND NOT ok)";
const FLOWS = `
  SELECT flows.*, devices.room, ${FAILED} AS failed FROM flows LEFT JOIN devices ON devices.serial = flows.serial`;
const RECENT = "flows.n > (SELECT max(n) FROM flows) - :searched";
const MATCHES = `(flows.id || ' ' || flows.serial || ' ' || coalesce(devices.room, '') || ' ' || flows.state
  || ' ' || coalesce(answer, '') || ' ' || coalesce(scent, '')) LIKE :like ESCAPE '\\'`;

/** Flows and hops as people see them. */
export function flowViews(db: Sqlite) {
  const sql = prepare(db);

  function summaryOf(flow: ListedRow): FlowSummary {
    const { id, serial, room, state, answer, scent } = flow;
    const lastHop = sql.lastHop.get(id) as FlowRow | undefined;
    const startedAt = isoTime(flow.started_at);
    return { id, serial, room, state, answer, scent, startedAt, ok: flow.failed === 0, lastHop: shortened(lastHop) };
  }

  return {
    session: (id: string) => sql.find.get(id) as SessionRow | undefined,

    /** Of one flow, in the order of what happened. */
    hops: (flowId: string): FlowHop[] =>
      (sql.hopsOf.all(flowId) as PlacedRow[]).sort(inOrder).map((row) => flowHopOf(row, row.serial)),

    find(id: string): FlowSummary | undefined {
      const flow = sql.findListed.get(id) as ListedRow | undefined;
      return flow && summaryOf(flow);
    },

    /** Newest first. */
    list({ limit, before, serial, q, failed }: FlowListQuery): FlowSummary[] {
      const like = q ? `%${q.replace(/[\\%_]/g, "\\$&")}%` : null;
      const filter = {
        limit,
        before: before ?? null,
        serial: serial ?? null,
        like,
        searched: SEARCHED,
        failed: failed ? 1 : 0,
      };
      return (sql.list.all(filter) as ListedRow[]).map(summaryOf);
    },

    /** The hops after one, the oldest first. */
    hopsAfter(n: number, { flow, limit }: { flow: string | undefined; limit: number }): FlowHop[] {
      const rows = flow === undefined ? sql.after.all(n, limit) : sql.afterOfFlow.all(flow, n, limit);
      return (rows as PlacedRow[]).map((row) => flowHopOf(row, row.serial));
    },

    /** The number of the newest hop. */
    newestHop: (): number => sql.newest.get() as number,
  };
}

export function flowHopOf({ n, flowId, at, part, name, ok, detail, payload }: FlowRow, serial: string): FlowHop {
  return { n, flowId, serial, at: isoTime(at), part, name, ok: ok === 1, detail, payload };
}

function shortened(hop: FlowRow | undefined): FlowSummary["lastHop"] {
  if (!hop) return null;
  const { n, at, part, name, ok, detail } = hop;
  return { n, at: isoTime(at), part, name, ok: ok === 1, detail };
}

function prepare(db: Sqlite) {
  return {
    find: db.prepare("SELECT * FROM flows WHERE id = ?"),
    hopsOf: db.prepare(`${HOPS} WHERE ${OF_FLOW}`),
    lastHop: db.prepare(`${HOPS} WHERE ${OF_FLOW} ORDER BY hops.n DESC LIMIT 1`),
    after: db.prepare(`${HOPS} WHERE hops.n > ? ORDER BY hops.n LIMIT ?`),
    afterOfFlow: db.prepare(`${HOPS} WHERE ${OF_FLOW} AND hops.n > ? ORDER BY hops.n LIMIT ?`),
    findListed: db.prepare(`${FLOWS} WHERE flows.id = ?`),
    list: db.prepare(
      `${FLOWS}
       WHERE (:before IS NULL OR flows.n < (SELECT n FROM flows WHERE id = :before))
         AND (:serial IS NULL OR flows.serial = :serial)
         AND (NOT :failed OR (${FAILED} AND ${RECENT}))
         AND (:like IS NULL OR (${MATCHES} AND ${RECENT}))
       ORDER BY flows.n DESC LIMIT :limit`,
    ),
    newest: db.prepare("SELECT coalesce(max(n), 0) FROM hops").pluck(),
  };
}
