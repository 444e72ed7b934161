import { openSqlite, type Sqlite } from "../plumbing/sqlite.ts";
import type { DeviceEvent, Reply } from "./contract.ts";
import type { Pod } from "./pod.ts";

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
];

type Answer = Pick<Reply, "outcome" | "reason">;
type KeptAnswer = { outcome: Reply["outcome"]; reason: string | null };

export type PodStore = ReturnType<typeof openPodStore>;

/** The pods' own memory: their state, the commands they know and the events that nobody acknowledged yet. */
export function openPodStore(file: string) {
  const db = openSqlite(file, MIGRATIONS);
  const { addPod, readPod, savePod, findCommand, countCommand, keepCommand, ...events } = prepare(db);

  function remember(serial: string, commandId: string, { outcome, reason }: Answer): void {
    const slot = Number(countCommand.get(serial)) % REMEMBERED_COMMANDS;
    keepCommand.run(serial, slot, commandId, outcome, reason ?? null);
  }

  return {
    /** Makes the pods that are not there yet, in one commit. */
    register: (serials: readonly string[]) =>
      db.write(() => {
        for (const serial of serials) addPod.run(serial);
      }),

    pod: (serial: string) => readPod.get(serial) as Pod,

    unackedEvents: (serial: string): DeviceEvent[] =>
      (events.list.all(serial) as { payload: string }[]).map(({ payload }) => JSON.parse(payload) as DeviceEvent),

    /** Lets `decide` judge a command by what the pod knows and keeps the outcome, all in one commit. */
    carryOut<V extends Answer & { effect?: { pod: Pod } }>(
      serial: string,
      commandId: string,
      decide: (pod: Pod, earlier: Answer | undefined) => { verdict: V; event?: DeviceEvent },
    ) {
      return db.write(() => {
        const known = findCommand.get(serial, commandId) as KeptAnswer | undefined;
        const earlier = known && { outcome: known.outcome, ...(known.reason ? { reason: known.reason } : {}) };
        const { verdict, event } = decide(readPod.get(serial) as Pod, earlier);
        if (!known && verdict.outcome !== "expired") remember(serial, commandId, verdict);
        if (verdict.effect) savePod.run({ serial, ...verdict.effect.pod });
        if (event) events.add.run(serial, event.seq, event.id, JSON.stringify(event));
        return { verdict, event };
      });
    },

    /** Lost in a crash, this only means that the event is sent and acknowledged once more. */
    acknowledge: (serial: string, eventId: string) => db.writeSoon(() => events.drop.run(serial, eventId)),

    close: db.close,
  };
}

function prepare(db: Sqlite) {
  return {
    addPod: db.prepare("INSERT INTO pods (serial) VALUES (?) ON CONFLICT DO NOTHING"),
    readPod: db.prepare("SELECT seq, diffusing FROM pods WHERE serial = ?"),
    savePod: db.prepare("UPDATE pods SET seq = :seq, diffusing = :diffusing WHERE serial = :serial"),
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
