import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import type { DeliveryState } from "../../device-db/contract.ts";
import { connectPod, newEvent } from "../support/device-db-system.ts";
import { eventually } from "../support/eventually.ts";
import { type Fault, openFaultErp } from "../support/fault-erp.ts";
import { type Home, openHome } from "../support/home.ts";

const DEVICES = 6;
const EVENTS_OF_EACH = 20;
const EVENTS = DEVICES * EVENTS_OF_EACH;
/** A process gets ten seconds; then it ends itself, whatever is left. */
const LAST_RESORT_MS = 10_000;

/** The device database in a process of its own, before an ERP that takes its time. */
async function openGround(otherwise: Fault) {
  await using opening = new AsyncDisposableStack();
  const home = opening.use(await openHome());
  const erp = opening.use(await openFaultErp({ port: Number(home.env["ERP_PORT"]) }));
  erp.otherwise(otherwise);
  const owned = opening.move();

  /** Settles by reference, after the short quiesce time of a bundled ERP. */
  async function start() {
    const running = home.start(["serve", "device-db", "--json"], { ERP_MODE: "legacy" });
    const [line] = await running.shows(/^.*\n/);
    return { running, url: (JSON.parse(line) as { url: string }).url };
  }

  return { home, erp, start, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Each of the devices reports its events, and has them acknowledged. */
async function report(home: Home, url: string): Promise<void> {
  const { operatorKey } = await home.secrets();
  const headers = { authorization: `Bearer ${operatorKey}` };
  await Promise.all(
    Array.from({ length: DEVICES }, async (_, at) => {
      const serial = `pod-${String(at)}`;
      const body = JSON.stringify({ serial, room: serial, timeZone: "Etc/UTC" });
      const answer = await fetch(`${url}/api/devices`, { method: "POST", headers, body });
      const { password } = (await answer.json()) as { password: string };
      await using pod = await connectPod(`mqtt://127.0.0.1:${home.env["MQTT_PORT"] ?? ""}`, serial, password);
      for (let n = 0; n < EVENTS_OF_EACH; n++) await pod.report(newEvent());
      await eventually(() => expect(pod.acks).toHaveLength(EVENTS_OF_EACH));
    }),
  );
}

/** How many deliveries are in which state, in the file that the process left. */
function statesIn(home: Home): Partial<Record<DeliveryState, number>> {
  const db = new Database(join(home.path, ".data/device-db.sqlite"), { readonly: true });
  const rows = db.prepare("SELECT state, count(*) FROM deliveries GROUP BY state").raw().all();
  db.close();
  return Object.fromEntries(rows as [DeliveryState, number][]);
}

type Ground = Awaited<ReturnType<typeof openGround>>;

/** Everything is delivered by the next process, and nothing was carried out twice. */
async function finishes({ erp, start, home }: Ground): Promise<void> {
  erp.otherwise("none");
  const { running } = await start();
  await eventually(() => expect(statesIn(home)).toEqual({ delivered: EVENTS }));
  expect(new Set(erp.executions.map(({ ref }) => ref)).size).toBe(EVENTS);
  expect(erp.executions).toHaveLength(EVENTS);
  await running.stop("SIGTERM");
}

async function openUnfinishedRequest(url: string) {
  const socket = connect({ port: Number(new URL(url).port), host: "127.0.0.1" });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write("GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n");
  return { [Symbol.dispose]: () => void socket.destroy() };
}

/** Tells the process to end while calls to the ERP are under way. */
async function endUnderLoad({ home, erp, start }: Ground, signal: NodeJS.Signals) {
  const { running, url } = await start();
  await report(home, url);
  // Who looks at the live flow, and who does not come to the end of a request, must not hold up the end.
  void fetch(`${url}/api/flow`).catch(() => undefined);
  using _unfinished = await openUnfinishedRequest(url);
  await eventually(() => expect(erp.calls.length).toBeGreaterThanOrEqual(DEVICES));
  const startedAt = performance.now();
  const begunBefore = erp.calls.length;
  const { code } = await running.stop(signal);
  return { code, tookMs: performance.now() - startedAt, begun: erp.calls.length - begunBefore };
}

test.for([300, 4_000])("calls that take the ERP %i ms are waited for, and no others begun", async (workMs) => {
  await using ground = await openGround({ workMs });
  const { code, tookMs, begun } = await endUnderLoad(ground, "SIGTERM");
  expect(code).toBe(0);
  // Those of which the claim was on its way to the disk.
  expect(begun).toBeLessThanOrEqual(DEVICES);
  expect(tookMs).toBeLessThan(workMs + 4_000);
  const { delivered = 0, pending = 0, ...others } = statesIn(ground.home);
  expect(others).toEqual({});
  expect(pending).toBeGreaterThan(0);
  expect([delivered, delivered + pending]).toEqual([ground.erp.executions.length, EVENTS]);
  await finishes(ground);
});

test("calls that an ERP does not answer are uncertain at the end, which comes in time; then they are settled", async () => {
  await using ground = await openGround("executed without an answer");
  const { code, tookMs } = await endUnderLoad(ground, "SIGTERM");
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(LAST_RESORT_MS - 2_500);
  expect(statesIn(ground.home)).toEqual({ uncertain: DEVICES, pending: EVENTS - DEVICES });
  ground.erp.hangUp();
  await finishes(ground);
});

test("a process that is killed instead leaves calls under way behind", async () => {
  await using ground = await openGround({ workMs: 4_000 });
  await endUnderLoad(ground, "SIGKILL");
  expect(statesIn(ground.home)).toEqual({ inflight: DEVICES, pending: EVENTS - DEVICES });
});
