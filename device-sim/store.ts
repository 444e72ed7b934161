import { openSqlite, type Sqlite } from "../plumbing/sqlite.ts";
import type { DeviceEvent, Reply } from "./contract.ts";
import { MIGRATIONS } from "./migrations.ts";
import { newPod, type Pod, type Step, type Verdict } from "./pod.ts";

/** More than a pod can be sent within the life of a command. */
const REMEMBERED_COMMANDS = 1_024;

type Answer = Pick<Reply, "outcome" | "reason">;
type KeptAnswer = { outcome: Reply["outcome"]; reason: string | null };

/** What is kept of a change: the pod, and its events as they go on the wire. */
export type Kept = { pod: Pod; events: readonly DeviceEvent[] };

/** Gives the events of a step what the wire wants of them. */
export type Stamp = (step: Step) => readonly DeviceEvent[];

/** Judges a command by what the pod knows; `earlier` is its answer to the same id before. */
export type Judge = (pod: Pod, earlier: Answer | undefined) => Verdict;

export type PodStore = ReturnType<typeof openPodStore>;

/** The pods' own memory: what they are, the commands they know and the events that nobody acknowledged yet. */
export function openPodStore(file: string) {
  const db = openSqlite(file, MIGRATIONS);
  const sql = prepare(db);
  return {
    /** Makes the pods that are not there yet, in one commit. */
    register: (serials: readonly string[], now: number) =>
      db.write(() => {
        const model = JSON.stringify(newPod(now));
        for (const serial of serials) sql.addPod.run(serial, model);
      }),

    pod: (serial: string) => readPod(sql, serial),

    unackedEvents: (serial: string): DeviceEvent[] =>
      (sql.listEvents.all(serial) as { payload: string }[]).map(({ payload }) => JSON.parse(payload) as DeviceEvent),

    ...changes(db, sql),

    /** Lost in a crash, this only means that the event is sent and acknowledged once more. */
    acknowledge: (serial: string, eventId: string) => db.writeSoon(() => sql.dropEvent.run(serial, eventId)),

    close: db.close,
  };
}

/** Each is one commit. */
function changes(db: Sqlite, sql: Statements) {
  function remember(serial: string, commandId: string, { outcome, reason }: Answer): void {
    const slot = Number(sql.countCommand.get(serial)) % REMEMBERED_COMMANDS;
    sql.keepCommand.run(serial, slot, commandId, outcome, reason ?? null);
  }

  function keep(serial: string, step: Step, stamp: Stamp): Kept {
    const events = stamp(step);
    sql.savePod.run(JSON.stringify(step.pod), serial);
    for (const event of events) sql.addEvent.run(serial, event.seq, event.id, JSON.stringify(event));
    return { pod: step.pod, events };
  }

  return {
    /** Lets a command be judged, and keeps the answer with what came of it. */
    carryOut: (serial: string, commandId: string, { judge, stamp }: { judge: Judge; stamp: Stamp }) =>
      db.write(() => {
        const known = sql.findCommand.get(serial, commandId) as KeptAnswer | undefined;
        const earlier = known && { outcome: known.outcome, ...(known.reason ? { reason: known.reason } : {}) };
        const verdict = judge(readPod(sql, serial), earlier);
        if (!known && verdict.outcome !== "expired") remember(serial, commandId, verdict);
        return { verdict, kept: verdict.effect && keep(serial, verdict.effect, stamp) };
      }),

    /** Changes the pod without a command; `undefined` leaves it alone. */
    change: (serial: string, to: (pod: Pod) => Step | undefined, stamp: Stamp) =>
      db.write(() => {
        const step = to(readPod(sql, serial));
        return step && keep(serial, step, stamp);
      }),
  };
}

function readPod(sql: Pick<Statements, "readPod">, serial: string): Pod {
  return JSON.parse(sql.readPod.get(serial) as string) as Pod;
}

type Statements = ReturnType<typeof prepare>;

function prepare(db: Sqlite) {
  return {
    addPod: db.prepare("INSERT INTO pods (serial, model) VALUES (?, ?) ON CONFLICT DO NOTHING"),
    readPod: db.prepare("SELECT model FROM pods WHERE serial = ?").pluck(),
    savePod: db.prepare("UPDATE pods SET model = ? WHERE serial = ?"),
    findCommand: db.prepare("SELECT outcome, reason FROM commands WHERE serial = ? AND id = ?"),
    countCommand: db
      .prepare("UPDATE pods SET commands_seen = commands_seen + 1 WHERE serial = ? RETURNING commands_seen")
      .pluck(),
    // The slots are a ring: the newest command takes the place of the oldest.
    keepCommand: db.prepare("REPLACE INTO commands (serial, slot, id, outcome, reason) VALUES (?, ?, ?, ?, ?)"),
    addEvent: db.prepare("INSERT INTO unacked_events (serial, seq, id, payload) VALUES (?, ?, ?, ?)"),
    listEvents: db.prepare("SELECT payload FROM unacked_events WHERE serial = ? ORDER BY seq"),
    dropEvent: db.prepare("DELETE FROM unacked_events WHERE serial = ? AND id = ?"),
  };
}
