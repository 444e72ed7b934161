import { join } from "node:path";
import { makeLink } from "../../bot/link.ts";
import type { Device } from "../../device-db/contract.ts";
import { startDeviceSim } from "../../device-sim/service.ts";
import { systemClock } from "../../plumbing/clock.ts";
import { createLog } from "../../plumbing/log.ts";
import { startSystem } from "../../scripts/system.ts";
import { addDevices, layGround, until } from "./ground.ts";
import { connectGuest } from "./guest.ts";
import { serialOfPod } from "./side.ts";

const log = createLog("silent");

/**
 * The kit as `npm start` runs it, all services in this process, with further pods in a second simulator; resolves when
 * every launch link is good.
 */
export async function startHotel(dir: string, pods: number) {
  await using opening = new AsyncDisposableStack();
  const { serials, settings } = await layGround(dir, pods);
  const { urls, secrets } = opening.use(await startSystem({ settings, log, serial: serialOfPod(0) }));
  await using operating = new AsyncDisposableStack();
  const operator = operating.adopt(connectGuest(urls.deviceDb), (client) => client.close());
  const first = (await operator.send({ method: "GET", path: `/api/devices/${serialOfPod(0)}` })) as Device;
  const added = await addDevices(operator, secrets.operatorKey, serials.slice(1));
  const config = {
    host: "127.0.0.1",
    port: 0,
    dataDir: join(dir, "more-pods"),
    mqttUrl: urls.mqtt,
    pods: added,
    operatorKey: secrets.operatorKey,
    timeZone: "Asia/Hong_Kong",
    speed: 1,
  };
  const simulator = opening.adopt(await startDeviceSim(config, { clock: systemClock, log }), (open) => open.close());
  await until(async () => simulator.ready());

  // The bot learns of new devices through the broker.
  const visitor = operating.adopt(connectGuest(urls.bot), (client) => client.close());
  const launchPaths = [first, ...added].map((device) => `/r/${makeLink(secrets.qrKey, device)}`);
  for (const path of launchPaths)
    await until(async () => Boolean(await visitor.send({ method: "GET", path: `${path}/session` })));
  const owned = opening.move();
  return { urls, secrets, launchPaths, close: () => owned.disposeAsync() };
}
