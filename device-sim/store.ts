import { openSqlite } from "../plumbing/sqlite.ts";
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
   ) STRICT;
   CREATE TABLE unacked_events (
     serial TEXT NOT NULL REFERENCES pods (serial),
     seq INTEGER NOT NULL,
     id TEXT NOT NULL UNIQUE,
     payload TEXT NOT NULL,
     PRIMARY KEY (serial, seq)
   ) STRICT;`,
];

type Answer = Pick<Reply, "outcome" | "reason">;

export type PodStore = ReturnType<typeof openPodStore>;

/** The pods' own memory: their state, the commands they know and the events that nobody acknowledged yet. */
export function openPodStore(file: string) {
  const db = openSqlite(file, MIGRATIONS);
  const addPod = db.prepare("INSERT INTO pods (serial) VALUES (?) ON CONFLICT DO NOTHING");
  const readPod = db.prepare("SELECT seq, diffusing FROM pods WHERE serial = ?");
  const savePod = db.prepare("UPDATE pods SET seq = :seq, diffusing = :diffusing WHERE serial = :serial");
  const findCommand = db.prepare("SELECT outcome, reason FROM commands WHERE serial = ? AND id = ?");
  const countCommand = db
    .prepare("UPDATE pods SET commands_seen = commands_seen + 1 WHERE serial = ? RETURNING commands_seen")
    .pluck();
  // The slots are a ring: the newest command takes the place of the oldest.
  const keepCommand = db.prepare("REPLACE INTO commands (serial, slot, id, outcome, reason) VALUES (?, ?, ?, ?, ?)");
  const addEvent = db.prepare("INSERT INTO unacked_events (serial, seq, id, payload) VALUES (?, ?, ?, ?)");
  const listEvents = db.prepare("SELECT payload FROM unacked_events WHERE serial = ? ORDER BY seq");
  const dropEvent = db.prepare("DELETE FROM unacked_events WHERE serial = ? AND id = ?");

  return {
    register: (serial: string) => db.write(() => addPod.run(serial)),

    pod: (serial: string) => readPod.get(serial) as Pod,

    unackedEvents: (serial: string): DeviceEvent[] =>
      (listEvents.all(serial) as { payload: string }[]).map(({ payload }) => JSON.parse(payload) as DeviceEvent),

    /** Lets `decide` judge a command by what the pod knows and keeps the outcome, all in one commit. */
    carryOut<V extends Answer & { effect?: { pod: Pod } }>(
      serial: string,
      commandId: string,
      decide: (pod: Pod, earlier: Answer | undefined) => { verdict: V; event?: DeviceEvent },
    ) {
      return db.write(() => {
        const known = findCommand.get(serial, commandId) as
          | { outcome: Reply["outcome"]; reason: string | null }
          | undefined;
        const earlier = known && { outcome: known.outcome, ...(known.reason ? { reason: known.reason } : {}) };
        const { verdict, event } = decide(readPod.get(serial) as Pod, earlier);
        if (!known && verdict.outcome !== "expired") {
          const slot = Number(countCommand.get(serial)) % REMEMBERED_COMMANDS;
          keepCommand.run(serial, slot, commandId, verdict.outcome, verdict.reason ?? null);
        }
        if (verdict.effect) savePod.run({ serial, ...verdict.effect.pod });
        if (event) addEvent.run(serial, event.seq, event.id, JSON.stringify(event));
        return { verdict, event };
      });
    },

    /** Lost in a crash, this only means that the event is sent and acknowledged once more. */
    acknowledge: (serial: string, eventId: string) => db.writeSoon(() => dropEvent.run(serial, eventId)),

    close: () => db.close(),
  };
}
