import type { Sqlite } from "../plumbing/sqlite.ts";
import type { Desired, Twin } from "./twin.ts";

type TwinRow = {
  serial: string;
  last_seen_at: number | null;
  status: Twin["status"];
  firmware: string | null;
  reported: string | null;
  desired: string | null;
};

export type TwinStore = ReturnType<typeof openTwinStore>;

/** What a restart begins with. */
export function openTwinStore(db: Sqlite) {
  const list = db.prepare("SELECT * FROM twins");
  const save = db.prepare(
    `REPLACE INTO twins (serial, last_seen_at, status, firmware, reported, desired)
     VALUES (:serial, :lastSeenAt, :status, :firmware, :reported, :desired)`,
  );

  return {
    list: (): [serial: string, twin: Twin][] => (list.all() as TwinRow[]).map((row) => [row.serial, twinOf(row)]),

    /** Nobody waits for it: what a crash takes is said again by the pods. */
    save: (twins: readonly (readonly [serial: string, twin: Twin])[]) =>
      db.writeSoon(() => {
        for (const [serial, twin] of twins)
          save.run({ ...twin, serial, desired: twin.desired && JSON.stringify(twin.desired) });
      }),
  };
}

function twinOf(row: TwinRow): Twin {
  const { status, firmware, reported } = row;
  const desired = row.desired === null ? null : (JSON.parse(row.desired) as Desired);
  return { lastSeenAt: row.last_seen_at, status, firmware, reported, desired };
}
