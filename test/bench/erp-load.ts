import { randomUUIDv7 } from "node:crypto";
import { type Dispatcher, Pool } from "undici";
import { switchPath } from "../../erp-stub/contract.ts";
import { DEVICES } from "./erp-ground.ts";
import type { Measured } from "./load.ts";
import { serialOfPod } from "./side.ts";

/**
 * `inFlight` calls at a time, one for each device, on as many connections that stay open; with `isFresh` each call opens
 * one of its own, as the device database does. There is never a second request on its way in a connection.
 */
export type CallLoad = { name: string; inFlight: number; count: number; hasKey: boolean; isFresh?: boolean };

const PATHS = Array.from({ length: DEVICES }, (_, at) => {
  return switchPath({ serial: serialOfPod(at), status: "checkin", scent: "wood" });
});

/** Calls `GET /device/switch` as often as the load says; what was not answered with 200 counts as lost. */
export async function callSwitch(url: string, load: CallLoad, cpuMs: () => Promise<number>): Promise<Measured> {
  const pool = new Pool(url, { connections: load.inFlight, pipelining: load.isFresh ? 0 : 1, allowH2: false });
  const latenciesMs: number[] = [];
  let lost = 0;
  let left = load.count;
  async function lane(at: number): Promise<void> {
    while (left > 0) {
      left--;
      const startedAt = performance.now();
      const isAnswered = await call(pool, PATHS[at % DEVICES] ?? "", load.hasKey);
      if (isAnswered) latenciesMs.push(performance.now() - startedAt);
      else lost++;
    }
  }
  const cpuBefore = await cpuMs();
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: load.inFlight }, (_, at) => lane(at)));
  const elapsedMs = performance.now() - startedAt;
  const cpuAfter = await cpuMs();
  await pool.close();
  return { latenciesMs, elapsedMs, cpuMs: cpuAfter - cpuBefore, lost };
}

/** The least that undici can do, so that its processor is not what is measured. */
function call(pool: Pool, path: string, hasKey: boolean): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const headers: Record<string, string> = { accept: "application/json", "cache-control": "no-store" };
  if (hasKey) headers["idempotency-key"] = randomUUIDv7();
  let status = 0;
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: () => undefined,
    onResponseStart(_, statusCode) {
      status = statusCode;
    },
    onResponseData: () => undefined,
    onResponseEnd: () => resolve(status === 200),
    onResponseError: () => resolve(false),
  };
  pool.dispatch({ method: "GET", path, headers }, handler);
  return promise;
}
