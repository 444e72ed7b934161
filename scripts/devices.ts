import type { Device, DeviceView } from "../device-db/contract.ts";
import { StartError } from "../plumbing/start-error.ts";
import { askKit } from "./kit-api.ts";
import { HOST } from "./parts.ts";
import { readSecrets, replaceDeviceSecret } from "./secrets.ts";
import type { Settings } from "./settings.ts";
import { table } from "./table.ts";

type Json = { json: boolean };
type WithPassword = Device & { password: string };

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** Lists the registered devices, with what was last heard of them. */
export async function listDevices(settings: Settings, { json }: Json): Promise<number> {
  const answer = await ask<{ data: DeviceView[] }>(settings, "");
  return tell(answer, deviceTable(answer.data, Date.now()), { json });
}

/** Registers a device and prints the password that it connects with; nobody can read it again. */
export async function addDevice(
  settings: Settings,
  device: Pick<Device, "serial" | "room" | "timeZone">,
  { json }: Json,
): Promise<number> {
  const added = await ask<WithPassword>(settings, "", device);
  const text = `${added.serial} is registered in ${added.room}.\n${passwordText(added)}`;
  return tell(added, text, { json });
}

/** A disabled device is cut off within a second. */
export async function enableDevice(
  settings: Settings,
  serial: string,
  { enabled, json }: Json & { enabled: boolean },
): Promise<number> {
  const device = await ask<DeviceView>(
    settings,
    `/${encodeURIComponent(serial)}/${enabled ? "enable" : "disable"}`,
    {},
  );
  const text = enabled
    ? `${serial} is enabled: it may connect, and its card is good.\n`
    : `${serial} is disabled: nothing is taken from it any more, and its card opens nothing.\n`;
  return tell(device, text, { json });
}

/** Gives a device a new password; a pod that is simulated from this data folder finds it there by itself. */
export async function rotateDevice(settings: Settings, serial: string, { json }: Json): Promise<number> {
  const device = await ask<WithPassword>(settings, `/${encodeURIComponent(serial)}/rotate`, {});
  const isOurs = keepSecret(settings.DATA_DIR, device);
  const where = isOurs ? "The simulated pod finds it in the data folder, and comes back by itself.\n" : "";
  const text = `${serial} has a new password; the old one is no longer good at the broker of the kit.\n${passwordText(device)}${where}`;
  return tell(device, text, { json });
}

function keepSecret(dataDir: string, { serial, password }: WithPassword): boolean {
  try {
    return replaceDeviceSecret(dataDir, serial, password);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new StartError(`${serial} has a new password, which "${dataDir}" cannot take: ${reason}. Rotate it again.`, {
      cause,
    });
  }
}

async function ask<T>(settings: Settings, path: string, body?: unknown): Promise<T> {
  const { operatorKey } = readSecrets(settings.DATA_DIR);
  const url = `http://${HOST}:${String(settings.DEVICE_DB_PORT)}/api/devices${path}`;
  const call = body === undefined ? {} : ({ method: "POST", body } as const);
  return (await (await askKit({ url, key: operatorKey, ...call })).json()) as T;
}

function tell(data: unknown, text: string, { json }: Json): number {
  process.stdout.write(json ? `${JSON.stringify(data)}\n` : text);
  return 0;
}

function passwordText({ serial, password }: WithPassword): string {
  return `MQTT user name  ${serial}
MQTT password   ${password}
Keep the password now: only its hash is stored.
`;
}

function deviceTable(devices: readonly DeviceView[], now: number): string {
  const rows = devices.map(({ serial, room, status, lastSeen, firmware, enabled, simulated }) => [
    serial,
    room,
    status,
    lastSeen === null ? "never" : timeAgo(Date.parse(lastSeen), now),
    firmware ?? "unknown",
    enabled ? "yes" : "no",
    simulated ? "simulated" : "real",
  ]);
  return table([["SERIAL", "ROOM", "STATUS", "LAST SEEN", "FIRMWARE", "ENABLED", "KIND"], ...rows]);
}

/** In words, in the largest unit that fits. */
export function timeAgo(at: number, now: number): string {
  const seconds = Math.max(0, Math.floor((now - at) / 1_000));
  const [unit, length] = UNITS.find(([, unitSeconds]) => seconds >= unitSeconds) ?? ["second", 1];
  const whole = Math.floor(seconds / length);
  return whole === 0 ? "just now" : new Intl.RelativeTimeFormat("en").format(-whole, unit);
}
