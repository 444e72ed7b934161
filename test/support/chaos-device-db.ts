/**
 * A device database on a clock that runs several times as fast, in a process of its own: the waits of a whole night, as
 * the pauses of its breaker, pass in seconds. Its settings come as JSON; it prints `{"url"}` when it is ready.
 */
import type { DeviceDbConfig } from "../../device-db/config.ts";
import { startDeviceDb } from "../../device-db/service.ts";
import { type Clock, systemClock } from "../../plumbing/clock.ts";
import { createLog } from "../../plumbing/log.ts";

const [settings = "{}"] = process.argv.slice(2);
const { config, since, speed } = JSON.parse(settings) as { config: DeviceDbConfig; since: number; speed: number };

const clock: Clock = {
  now: () => Math.round(since + (Date.now() - since) * speed),
  sleep: (ms, signal) => systemClock.sleep(ms / speed, signal),
};

const { url } = await startDeviceDb(config, { clock, log: createLog("warn") });
process.stdout.write(`${JSON.stringify({ url })}\n`);
