import type { Log } from "../plumbing/log.ts";
import { openSqlite } from "../plumbing/sqlite.ts";
import { openDeliveryStore } from "./delivery-store.ts";
import { openFlowStore } from "./flow-store.ts";
import { openJournalStore } from "./journal-store.ts";
import { openRegistryStore } from "./registry-store.ts";

const MIGRATIONS = [
  `CREATE TABLE devices (
     serial TEXT PRIMARY KEY,
     room TEXT NOT NULL,
     time_zone TEXT NOT NULL,
     key_version INTEGER NOT NULL DEFAULT 1,
     enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
     secret_hash TEXT NOT NULL
   ) STRICT;

   CREATE TABLE journal (
     n INTEGER PRIMARY KEY,
     event_id TEXT NOT NULL UNIQUE,
     serial TEXT NOT NULL REFERENCES devices (serial),
     session_id TEXT,
     seq INTEGER NOT NULL,
     payload TEXT NOT NULL,
     received_at INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX journal_by_session ON journal (session_id);

   CREATE TABLE deliveries (
     n INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE REFERENCES journal (event_id),
     serial TEXT NOT NULL,
     session_id TEXT,
     status TEXT NOT NULL,
     scent TEXT NOT NULL,
     start_time TEXT,
     end_time TEXT,
     state TEXT NOT NULL CHECK (state IN ('pending', 'inflight', 'delivered', 'uncertain', 'held', 'dead', 'discarded')),
     attempts INTEGER NOT NULL DEFAULT 0,
     absences INTEGER NOT NULL DEFAULT 0,
     due_at INTEGER NOT NULL,
     created_at INTEGER NOT NULL,
     evidence TEXT
   ) STRICT;
   CREATE INDEX deliveries_open ON deliveries (serial, n) WHERE state IN ('pending', 'inflight', 'uncertain', 'held');

   CREATE TABLE sessions (
     id TEXT PRIMARY KEY,
     serial TEXT NOT NULL,
     state TEXT NOT NULL,
     answer TEXT,
     scent TEXT,
     command_id TEXT,
     command_state TEXT
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE hops (
     session_id TEXT NOT NULL,
     n INTEGER NOT NULL,
     at INTEGER NOT NULL,
     part TEXT NOT NULL,
     name TEXT NOT NULL,
     ok INTEGER NOT NULL CHECK (ok IN (0, 1)),
     detail TEXT NOT NULL,
     PRIMARY KEY (session_id, n)
   ) STRICT, WITHOUT ROWID;`,
];

export type DeviceDbStore = ReturnType<typeof openDeviceDbStore>;

/** One SQLite file, one writer; each of its parts owns the SQL of its tables. */
export function openDeviceDbStore(file: string, log: Log) {
  const db = openSqlite(file, MIGRATIONS);
  const flow = openFlowStore(db, log);
  const deliveries = openDeliveryStore(db, flow);
  return {
    registry: openRegistryStore(db),
    flow,
    journal: openJournalStore(db, { flow, deliveries }),
    deliveries,
    close: db.close,
  };
}
