import { openSqlite, type Sqlite } from "../plumbing/sqlite.ts";
import type { DeviceEvent, Reply } from "./contract.ts";
import { newPod, type Pod, type Step, type Verdict } from "./pod.ts";

/** More than a pod can be sent within the life of a command. */
const REMEMBERED_COMMANDS = 1_024;

const MIGRATIONS = [
  `CREATE TABLE pods (
     serial TEXT PRIMARY KEY,
     seq INTEGER NOT NULL DEFAULT 0,
     diffusing TEXT,
     commands_seen INTEGER NOT NULL DEFAULT 0
   ) STRICT;
   CREATE TABLE commands (
     serial TEXT NOT NULL REFERENCES pods (serial),
     slot INTEGER NOT NULL,
     id TEXT NOT NULL,
     outcome TEXT NOT NULL,
     reason TEXT,
     PRIMARY KEY (serial, slot),
     UNIQUE (serial, id)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE unacked_events (
     serial TEXT NOT NULL REFERENCES pods (serial),
     seq INTEGER NOT NULL,
     id TEXT NOT NULL,
     payload TEXT NOT NULL,
     PRIMARY KEY (serial, seq)
   ) STRICT, WITHOUT ROWID;`,
  `ALTER TABLE pods ADD COLUMN model TEXT NOT NULL DEFAULT '';
   UPDATE pods SET model = json_object(
     'seq', seq, 'capsules', json('{"fire":10,"wood":10,"water":10,"air":10}'), 'at', unixepoch() * 1000,
     'diffusing', diffusing, 'intensity', 2, 'stay', diffusing, 'schedule', NULL);
   ALTER TABLE pods DROP COLUMN seq;
   ALTER TABLE pods DROP COLUMN diffusing;`,
];

type Answer = Pick<Reply, "outcome" | "reason">;
type KeptAnswer = { outcome: Reply["outcome"]; reason: string | null };

/** What is to be kept of a change: the pod, and its events as they go on the wire. */
type Kept = { pod: Pod; events: readonly DeviceEvent[] };

/** Gives the events of a step what the wire wants of them. */
export type Stamp = (step: Step) => readonly DeviceEvent[];

export type PodStore = ReturnType<typeof openPodStore>;

/** The pods' own memory: what they are, the commands they know and the events that nobody acknowledged yet. */
export function openPodStore(file: string) {
  const db = openSqlite(file, MIGRATIONS);
  const { addPod, readModel, saveModel, findCommand, countCommand, keepCommand, ...events } = prepare(db);
  const read = (serial: string) => JSON.parse(readModel.get(serial) as string) as Pod;

  function remember(serial: string, commandId: string, { outcome, reason }: Answer): void {
    const slot = Number(countCommand.get(serial)) % REMEMBERED_COMMANDS;
    keepCommand.run(serial, slot, commandId, outcome, reason ?? null);
  }

  function keep(serial: string, { pod, events: stamped }: Kept): void {
    saveModel.run(JSON.stringify(pod), serial);
    for (const event of stamped) events.add.run(serial, event.seq, event.id, JSON.stringify(event));
  }

  return {
    /** Makes the pods that are not there yet, in one commit. */
    register: (serials: readonly string[], now: number) =>
      db.write(() => {
        const model = JSON.stringify(newPod(now));
        for (const serial of serials) addPod.run(serial, model);
      }),

    pod: read,

    unackedEvents: (serial: string): DeviceEvent[] =>
      (events.list.all(serial) as { payload: string }[]).map(({ payload }) => JSON.parse(payload) as DeviceEvent),

    /** Lets `decide` judge a command by what the pod knows, and keeps the answer with what came of it, in one commit. */
    carryOut(serial: string, commandId: string, { decide, stamp }: Judge) {
      return db.write(() => {
        const known = findCommand.get(serial, commandId) as KeptAnswer | undefined;
        const earlier = known && { outcome: known.outcome, ...(known.reason ? { reason: known.reason } : {}) };
        const verdict = decide(read(serial), earlier);
        if (!known && verdict.outcome !== "expired") remember(serial, commandId, verdict);
        const kept = verdict.effect && { pod: verdict.effect.pod, events: stamp(verdict.effect) };
        if (kept) keep(serial, kept);
        return { verdict, kept };
      });
    },

    /** Changes the pod without a command, in one commit; `undefined` leaves it alone. */
    change(serial: string, change: (pod: Pod) => Step | undefined, stamp: Stamp): Promise<Kept | undefined> {
      return db.write(() => {
        const step = change(read(serial));
        const kept = step && { pod: step.pod, events: stamp(step) };
        if (kept) keep(serial, kept);
        return kept;
      });
    },

    /** Lost in a crash, this only means that the event is sent and acknowledged once more. */
    acknowledge: (serial: string, eventId: string) => db.writeSoon(() => events.drop.run(serial, eventId)),

    close: db.close,
  };
}

type Judge = { decide: (pod: Pod, earlier: Answer | undefined) => Verdict; stamp: Stamp };

function prepare(db: Sqlite) {
  return {
    addPod: db.prepare("INSERT INTO pods (serial, model) VALUES (?, ?) ON CONFLICT DO NOTHING"),
    readModel: db.prepare("SELECT model FROM pods WHERE serial = ?").pluck(),
    saveModel: db.prepare("UPDATE pods SET model = ? WHERE serial = ?"),
    findCommand: db.prepare("SELECT outcome, reason FROM commands WHERE serial = ? AND id = ?"),
    countCommand: db
      .prepare("UPDATE pods SET commands_seen = commands_seen + 1 WHERE serial = ? RETURNING commands_seen")
      .pluck(),
    // The slots are a ring: the newest command takes the place of the oldest.
    keepCommand: db.prepare("REPLACE INTO commands (serial, slot, id, outcome, reason) VALUES (?, ?, ?, ?, ?)"),
    add: db.prepare("INSERT INTO unacked_events (serial, seq, id, payload) VALUES (?, ?, ?, ?)"),
    list: db.prepare("SELECT payload FROM unacked_events WHERE serial = ? ORDER BY seq"),
    drop: db.prepare("DELETE FROM unacked_events WHERE serial = ? AND id = ?"),
  };
}
