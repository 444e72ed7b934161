import { join } from "node:path";
import Database from "better-sqlite3";
import type { CommandState, SessionState } from "../../bot/contract.ts";
import type { DeliveryState } from "../../device-db/contract.ts";

const STORES = ["bot", "device-sim", "device-db", "erp"] as const;

type Store = (typeof STORES)[number];

export type Ledgers = ReturnType<typeof readLedgers>;
export type DeliveryBooks = ReturnType<typeof deliveryBooks>;

/** What each store of a kit holds, read from its file while the services may be running. */
export function readLedgers(dataDir: string) {
  return {
    bot: read(dataDir, "bot", (rows) => ({
      sessions: rows<{ id: string; state: SessionState }>("SELECT id, state FROM sessions"),
      commands: rows<{ id: string; sessionId: string; serial: string; state: CommandState }>(
        "SELECT id, session_id AS sessionId, serial, state FROM commands",
      ),
    })),
    pods: read(dataDir, "device-sim", (rows) => ({
      actuations: rows<{ serial: string; seq: number }>("SELECT serial, model ->> 'seq' AS seq FROM pods"),
      unacked: rows<{ id: string; commandId: string | null }>(
        "SELECT id, payload ->> 'commandId' AS commandId FROM unacked_events",
      ),
    })),
    deviceDb: read(dataDir, "device-db", deliveryBooks),
    erp: read(dataDir, "erp", (rows) => ({ usages: rows<UsageEntry>(USAGES) })),
  };
}

export type PodBooks = ReturnType<typeof readPodBooks>;

/** What the stores hold of each pod, without a bot, where operators ask. */
export function readPodBooks(dataDir: string) {
  const pods = read(dataDir, "device-sim", (rows) => ({
    pods: rows<{ serial: string; seq: number }>("SELECT serial, model ->> 'seq' AS seq FROM pods"),
    unacked: rows<{ serial: string; id: string }>("SELECT serial, id FROM unacked_events"),
  }));
  const deviceDb = read(dataDir, "device-db", (rows) => ({
    commands: rows<PodCommand>(
      "SELECT id, serial, state, payload ->> 'action' AS action, payload ->> 'scent' AS scent FROM commands",
    ),
    events: rows<PodEvent>(
      `SELECT event_id AS id, serial, seq, payload ->> 'status' AS status, payload ->> 'scent' AS scent,
       payload ->> 'commandId' AS commandId FROM journal`,
    ),
    deliveries: rows<{ id: string; serial: string; state: DeliveryState }>("SELECT id, serial, state FROM deliveries"),
  }));
  const erp = read(dataDir, "erp", (rows) => ({
    usages: rows<{ ref: string | null; serial: string; scent: string; checkoutAt: string | null }>(
      `SELECT ref, devices.serial, scents.code AS scent, checkout_at AS checkoutAt FROM device_usages
       JOIN devices ON devices.id = device_id JOIN scents ON scents.id = scent_id ORDER BY device_usages.id`,
    ),
    requests: rows<{ ref: string | null; serial: string }>(
      `SELECT calls.ref, devices.serial FROM calls JOIN device_usages ON device_usages.id = usage_id
       JOIN devices ON devices.id = device_id ORDER BY calls.id`,
    ),
  }));
  return { ...pods, ...deviceDb, ...erp };
}

type PodCommand = { id: string; serial: string; state: CommandState; action: string; scent: string | null };
type PodEvent = {
  id: string;
  serial: string;
  seq: number;
  status: string;
  scent: string;
  commandId: string | null;
};

/** The books of a device database alone. */
export const readDeliveryBooks = (dataDir: string) => read(dataDir, "device-db", deliveryBooks);

export const readUsages = (dataDir: string): UsageEntry[] => read(dataDir, "erp", (rows) => rows<UsageEntry>(USAGES));

export const readDelivered = (dataDir: string) =>
  read(dataDir, "device-db", (rows) =>
    rows<{ id: string; sessionId: string }>(
      "SELECT id, session_id AS sessionId FROM deliveries WHERE state = 'delivered'",
    ),
  );

export const readEventIds = (dataDir: string): string[] =>
  read(dataDir, "device-db", (rows) => rows<{ id: string }>("SELECT event_id AS id FROM journal")).map(({ id }) => id);

/** What SQLite itself finds wrong in the stores that are there. */
export function damages(dataDir: string, stores: readonly Store[] = STORES): string[] {
  return stores.flatMap((store) =>
    read(dataDir, store, (rows) => [
      ...rows<{ integrity_check: string }>("PRAGMA integrity_check").flatMap(({ integrity_check: found }) =>
        found === "ok" ? [] : [`${store}: ${found}`],
      ),
      ...rows<object>("PRAGMA foreign_key_check").map((row) => `${store}: ${JSON.stringify(row)}`),
    ]),
  );
}

type UsageEntry = { id: number; ref: string | null; serial: string; request: string };

const USAGES = `SELECT device_usages.id, ref, devices.serial, request
  FROM device_usages JOIN devices ON devices.id = device_id ORDER BY device_usages.id`;

type Rows = <T>(sql: string) => T[];

function deliveryBooks(rows: Rows) {
  return {
    events: rows<{ id: string; serial: string; seq: number; commandId: string | null }>(
      "SELECT event_id AS id, serial, seq, payload ->> 'commandId' AS commandId FROM journal ORDER BY n",
    ),
    deliveries: rows<{ id: string; sessionId: string | null; serial: string; state: DeliveryState; attempts: number }>(
      "SELECT id, session_id AS sessionId, serial, state, attempts FROM deliveries ORDER BY n",
    ),
    log: rows<{ id: string; from: DeliveryState | null; to: DeliveryState; evidence: string | null }>(
      `SELECT deliveries.id, from_state AS 'from', to_state AS 'to', delivery_log.evidence
       FROM delivery_log JOIN deliveries ON deliveries.n = delivery ORDER BY delivery, delivery_log.n`,
    ),
    counts: rows<{ state: DeliveryState | "created"; number: number }>("SELECT state, number FROM delivery_counts"),
  };
}

function read<T>(dataDir: string, store: Store, look: (rows: Rows) => T): T {
  const db = new Database(join(dataDir, `${store}.sqlite`), { readonly: true, fileMustExist: true });
  try {
    // Of one moment, however many tables are read.
    return db.transaction(() => look(<R>(sql: string) => db.prepare(sql).all() as R[]))();
  } finally {
    db.close();
  }
}
