import { createLog } from "../plumbing/log.ts";
import { armCrashPoint } from "./crash-point.ts";
import { untilSignal } from "./lifetime.ts";
import {
  DEMO_DEVICE,
  type Ground,
  HOST,
  type PartName,
  startBotPart,
  startDeviceDbPart,
  startDeviceSimPart,
  startErpPart,
} from "./parts.ts";
import { makeSecrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";

/** Runs one part until it is told to end. The others may start before or after it: each finds them by their ports. */
export async function serve(
  part: PartName,
  settings: Settings,
  { json, speed }: { json: boolean; speed: number },
): Promise<number> {
  armCrashPoint(process.env);
  const ended = untilSignal();
  const log = createLog(json ? "warn" : "info");
  const secrets = makeSecrets(settings.DATA_DIR, DEMO_DEVICE.serial);
  const running = await startPart(part, { settings, secrets, log }, speed);
  const ready = { ready: true, service: part, url: running.url };
  const setUpUrl = running.setUpUrl?.();
  const setUp = setUpUrl ? `Its first administrator is made at ${setUpUrl}\n` : "";
  process.stdout.write(json ? `${JSON.stringify(ready)}\n` : `${part} is ready: ${running.url}\n${setUp}`);
  const code = await ended;
  await running.close();
  return code;
}

/** One part of the kit in this process; it finds the others by their ports. */
export function startPart(
  part: PartName,
  ground: Ground,
  speed: number,
): Promise<{ url: string; setUpUrl?: () => string | null; close: () => Promise<void> }> {
  const { settings } = ground;
  const mqttUrl = settings.MQTT_URL ?? `mqtt://${HOST}:${String(settings.MQTT_PORT)}`;
  switch (part) {
    case "bot":
      return startBotPart(ground, { mqttUrl, lanHost: undefined });
    case "device-db":
      return startDeviceDbPart(ground, {
        erpUrl: settings.ERP_URL ?? `http://${HOST}:${String(settings.ERP_PORT)}`,
        serial: DEMO_DEVICE.serial,
      });
    case "device-sim":
      return startDeviceSimPart(ground, { mqttUrl, speed });
    case "erp":
      return startErpPart(ground);
  }
}
