import { randomUUIDv7 } from "node:crypto";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect } from "vitest";
import type { ErpTarget } from "../../device-db/config.ts";
import type { Delivery } from "../../device-db/contract.ts";
import { startDeliveries } from "../../device-db/deliveries.ts";
import { openErpClient } from "../../device-db/erp-client.ts";
import { openDeviceDbStore } from "../../device-db/store.ts";
import type { DeviceEvent } from "../../device-sim/contract.ts";
import { type Clock, systemClock } from "../../plumbing/clock.ts";
import { createLog, type Log } from "../../plumbing/log.ts";
import type { ManualClock } from "./clock.ts";
import { OTHER_SERIAL, SERIAL } from "./devices.ts";
import { eventually } from "./eventually.ts";

/** As often as the worker looks by itself. */
const POLL_MS = 250;

type Options = Partial<ErpTarget> & {
  url: string;
  clock?: Clock | ManualClock;
  log?: Log;
  /** A folder to begin with a copy of. */
  from?: string;
  /** Works on the store's file before it is opened. */
  prepare?: (file: string) => void;
};

/** A store with two registered devices and the delivery worker on it, in a folder of their own. */
export async function openDeliverySystem({
  clock = systemClock,
  log = createLog("silent"),
  from,
  prepare,
  ...erpTarget
}: Options) {
  await using opening = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), "deliveries-"));
  opening.defer(() => rm(dir, { recursive: true, force: true }));
  if (from) await cp(from, dir, { recursive: true });
  const file = join(dir, "device-db.sqlite");
  prepare?.(file);
  const store = opening.adopt(openDeviceDbStore(file, log), (open) => open.close());
  await Promise.all(
    [SERIAL, OTHER_SERIAL].map((serial) => store.registry.add({ serial, room: serial, timeZone: "Etc/UTC" }, "")),
  );
  const target: ErpTarget = {
    settle: "operator",
    apiKey: undefined,
    concurrency: 8,
    rate: undefined,
    quiesceMs: 100,
    ...erpTarget,
  };
  const erp = opening.adopt(openErpClient(target), (client) => client.close());
  const worker = opening.adopt(
    await startDeliveries({ store: store.deliveries, flow: store.flow, erp, target, clock, log }),
    (running) => running.close(),
  );
  const deliveries = (): Delivery[] => store.deliveries.list().reverse();
  const keep = async (serial: string, event: Partial<DeviceEvent>, reserve: (id: string) => boolean) => {
    const whole = { ...eventOf(clock), ...event };
    const { claimed } = await store.journal.record(serial, whole, { report: true, now: clock.now(), reserve });
    return { id: whole.id, claimed };
  };
  const owned = opening.move();

  return {
    dir,
    file,
    worker,
    deliveries,
    store: store.deliveries,

    /** Records an event without a word to the worker; resolves with the event's id. */
    record: async (serial = SERIAL, event: Partial<DeviceEvent> = {}) => (await keep(serial, event, () => false)).id,

    /** Records an event and has it sent, as the ingest does; resolves with the event's id. */
    async report(serial = SERIAL, event: Partial<DeviceEvent> = {}): Promise<string> {
      const { id, claimed } = await keep(serial, event, worker.reserve);
      if (claimed) worker.send(claimed);
      else worker.notify();
      return id;
    },

    /** Waits until the deliveries, oldest first, are in these states; a clock that stands still is moved on meanwhile. */
    reach: (...states: Delivery["state"][]): Promise<Delivery[]> =>
      eventually(() => {
        if ("advance" in clock) clock.advance(POLL_MS);
        const rows = deliveries();
        expect(rows.map(({ state }) => state)).toEqual(states);
        return rows;
      }, 8_000),

    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Locks a store for writing, as another process may do. */
export function lockForWriting(file: string) {
  const db = new Database(file);
  db.exec("BEGIN IMMEDIATE");
  const release = () => db.close();
  return { release, [Symbol.dispose]: release };
}

function eventOf(clock: Clock): DeviceEvent {
  return { id: randomUUIDv7(), seq: 1, status: "checkin", scent: "wood", at: new Date(clock.now()).toISOString() };
}
