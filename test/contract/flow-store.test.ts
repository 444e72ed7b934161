import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import type { NewHop } from "../../device-db/flow-hops.ts";
import type { FlowStart } from "../../device-db/flow-store.ts";
import { MAX_WAITING_BYTES, openFlowStreams } from "../../device-db/flow-streams.ts";
import { startFlowSweeper } from "../../device-db/flow-sweeper.ts";
import { MIGRATIONS } from "../../device-db/migrations.ts";
import { openDeviceDbStore } from "../../device-db/store.ts";
import { type Clock, systemClock } from "../../plumbing/clock.ts";
import { createLog } from "../../plumbing/log.ts";
import { manualClock } from "../support/clock.ts";
import { SERIAL } from "../support/devices.ts";
import { openEventStream } from "../support/event-stream.ts";
import { eventually } from "../support/eventually.ts";

const TWO_WEEKS_MS = 14 * 24 * 3_600_000;
const FLOW: FlowStart = { id: "s1", serial: SERIAL, state: "ended", scent: null, commandId: null, traceparent: null };
const HOP: NewHop = { at: 0, part: "bot", name: "asked", ok: true, detail: "" };
const log = createLog("silent");

async function openStore(prepare: (file: string) => void = () => undefined) {
  await using opening = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), "flow-store-"));
  opening.defer(() => rm(dir, { recursive: true }));
  const file = join(dir, "device-db.sqlite");
  prepare(file);
  const { flow } = opening.adopt(openDeviceDbStore(file, log), (open) => open.close());
  const owned = opening.move();
  const told = async (count: number) => eventually(() => expect(flow.newestHop()).toBeGreaterThanOrEqual(count));
  return { flow, told, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** The streams of a store's hops at an address of their own. */
async function openStreams(flow: Parameters<typeof openFlowStreams>[0], clock: Clock = systemClock) {
  const streams = openFlowStreams(flow, clock);
  const server = createServer(({ url = "" }, res) => {
    const { after, flow: id } = Object.fromEntries(new URL(url, "http://any").searchParams) as Record<string, string>;
    streams.open(res, { after: after === undefined ? undefined : Number(after), flow: id });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    port,
    url: `http://127.0.0.1:${String(port)}`,
    listeners: streams.listeners,
    async [Symbol.asyncDispose]() {
      streams.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("hops are forgotten after two weeks, but for the newest; their flows are not", async () => {
  const clock = manualClock();
  await using store = await openStore();
  const { flow } = store;
  const at = clock.now();
  for (let n = 0; n < 5_000; n++) flow.addHops(FLOW, [{ ...HOP, at: at + n }]);
  await store.told(5_000);
  clock.advance(TWO_WEEKS_MS + 3_000);
  const sweeper = startFlowSweeper({ flow, clock, log });
  await eventually(() => expect(flow.hops("s1")).toHaveLength(2_000));
  expect(flow.hops("s1")[0]?.n).toBe(3_001);
  clock.advance(TWO_WEEKS_MS);
  await eventually(() => expect(flow.hops("s1")).toHaveLength(1));
  await sweeper.close();
  expect(flow.newestHop()).toBe(5_000);
  expect(flow.find("s1")).toMatchObject({ id: "s1", state: "ended" });
});

test("who does not read is cut off; who reads is not, and gets all", async () => {
  await using store = await openStore();
  await using streams = await openStreams(store.flow);
  const idler = connect(streams.port, "127.0.0.1");
  idler.on("error", () => undefined);
  idler.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await once(idler, "data");
  idler.pause();
  await using reader = await openEventStream(streams.url);
  await eventually(() => expect(streams.listeners()).toBe(2));
  // Beside what waits here, the system keeps a few megabytes for a connection that nobody reads.
  const total = Math.ceil((MAX_WAITING_BYTES + 8 * 1024 * 1024) / 4_000);
  for (let n = 0; n < total; n++) {
    store.flow.addHops(FLOW, [{ ...HOP, payload: "x".repeat(4_000) }]);
    if (n % 200 === 199) await store.told(n + 1);
  }
  await eventually(() => expect(streams.listeners()).toBe(1));
  await eventually(() => expect(reader.events).toHaveLength(total));
  idler.destroy();
});

test("who was away gets thousands of hops in their order, and then those that come", async () => {
  await using store = await openStore();
  await using streams = await openStreams(store.flow);
  for (let n = 0; n < 3_000; n++) store.flow.addHops(FLOW, [{ ...HOP, payload: "x".repeat(2_000) }]);
  await store.told(3_000);
  await using reader = await openEventStream(`${streams.url}?after=10`);
  for (let n = 0; n < 100; n++) store.flow.addHops(FLOW, [HOP]);
  await eventually(() => expect(reader.events).toHaveLength(3_090));
  expect(reader.events.map(({ id }) => Number(id))).toEqual(Array.from({ length: 3_090 }, (_, n) => n + 11));
});

test("who was away for very long gets the newest of what it missed, or all of one flow", async () => {
  await using store = await openStore();
  await using streams = await openStreams(store.flow);
  for (let n = 0; n < 3; n++) store.flow.addHops({ ...FLOW, id: "s0" }, [HOP]);
  for (let n = 0; n < 10_005; n++) store.flow.addHops(FLOW, [HOP]);
  await store.told(10_008);
  await using newest = await openEventStream(`${streams.url}?after=1`);
  await using ofFlow = await openEventStream(`${streams.url}?after=0&flow=s0`);
  await eventually(() => expect(newest.events).toHaveLength(10_000));
  expect(newest.events[0]?.id).toBe("9");
  expect(ofFlow.events.map(({ id }) => id)).toEqual(["1", "2", "3"]);
});

test("a stream on which nothing happens is not silent", async () => {
  const clock = manualClock();
  await using store = await openStore();
  await using streams = await openStreams(store.flow, clock);
  await using reader = await openEventStream(streams.url);
  await eventually(() => expect(reader.text()).toBe("retry: 1000\n\n"));
  clock.advance(14_999);
  clock.advance(1);
  await eventually(() => expect(reader.text()).toBe("retry: 1000\n\n:\n\n"));
  clock.advance(15_000);
  await eventually(() => expect(reader.text()).toBe("retry: 1000\n\n:\n\n:\n\n"));
  expect(reader.events).toEqual([]);
});

test("a store of before has its sessions and hops after the migration, and deliveries have their flow", async () => {
  await using store = await openStore((file) => {
    const db = new Database(file);
    for (const sql of MIGRATIONS.slice(0, 3)) db.exec(sql);
    db.exec(`
      INSERT INTO devices (serial, room, time_zone, secret_hash) VALUES ('${SERIAL}', 'Room 101', 'Etc/UTC', '');
      INSERT INTO sessions VALUES ('s1', '${SERIAL}', 'ended', 'b', 'wood', 'c1', 'confirmed');
      INSERT INTO hops VALUES ('s1', 1, 1000, 'bot', 'session started', 1, ''), ('s1', 2, 2000, 'ERP', 'dead', 0, 'no');
      INSERT INTO journal (event_id, serial, seq, payload, received_at) VALUES ('e1', '${SERIAL}', 1, '{}', 3000);
      INSERT INTO deliveries (id, serial, status, scent, state, due_at, created_at, flow_id)
        VALUES ('e1', '${SERIAL}', 'timein', 'air', 'pending', 0, 3000, 'e1');
      PRAGMA user_version = 3`);
    db.close();
  });
  const all = { limit: 50, before: undefined, serial: undefined, q: undefined, failed: undefined };
  expect(store.flow.list(all)).toMatchObject([
    { id: "e1", state: "event", scent: "air", lastHop: null, ok: true },
    { id: "s1", state: "ended", answer: "b", scent: "wood", ok: false, startedAt: "1970-01-01T00:00:01.000Z" },
  ]);
  expect(store.flow.hops("s1").map(({ name, payload }) => [name, payload])).toEqual([
    ["session started", null],
    ["dead", null],
  ]);
  expect(store.flow.session("s1")).toMatchObject({ command_id: "c1", command_state: "confirmed" });
  store.flow.addHop("e1", HOP);
  await store.told(3);
  expect(store.flow.hopsAfter(2, { flow: undefined, limit: 9 })).toMatchObject([{ flowId: "e1", serial: SERIAL }]);
});
