import type { Log } from "../plumbing/log.ts";
import { openSqlite } from "../plumbing/sqlite.ts";
import { openCommandStore } from "./command-store.ts";
import { openDeliveryStore } from "./delivery-store.ts";
import { openFlowStore } from "./flow-store.ts";
import { openJournalStore } from "./journal-store.ts";
import { MIGRATIONS } from "./migrations.ts";
import { openRegistryStore } from "./registry-store.ts";
import { openTwinStore } from "./twin-store.ts";

export type DeviceDbStore = ReturnType<typeof openDeviceDbStore>;

/** One SQLite file, one writer; each of its parts owns the SQL of its tables. */
export function openDeviceDbStore(file: string, log: Log) {
  const db = openSqlite(file, MIGRATIONS);
  const flow = openFlowStore(db, log);
  const deliveries = openDeliveryStore(db, flow);
  return {
    registry: openRegistryStore(db),
    twins: openTwinStore(db),
    commands: openCommandStore(db),
    flow,
    journal: openJournalStore(db, deliveries),
    deliveries,
    close: db.close,
  };
}
