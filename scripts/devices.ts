import type { Device } from "../device-db/contract.ts";
import { askKit } from "./kit-api.ts";
import { HOST } from "./parts.ts";
import { readSecrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";

/** Lists the registered devices. */
export async function listDevices(settings: Settings, { json }: { json: boolean }): Promise<number> {
  const answer = (await (await askKit(devicesCall(settings))).json()) as { data: Device[] };
  process.stdout.write(json ? `${JSON.stringify(answer)}\n` : deviceTable(answer.data));
  return 0;
}

/** Registers a device and prints the password that it connects with; nobody can read it again. */
export async function addDevice(
  settings: Settings,
  device: Pick<Device, "serial" | "room" | "timeZone">,
  { json }: { json: boolean },
): Promise<number> {
  const answer = await askKit({ ...devicesCall(settings), method: "POST", body: device });
  const added = (await answer.json()) as Device & { password: string };
  const text = `${added.serial} is registered in ${added.room}.
MQTT user name  ${added.serial}
MQTT password   ${added.password}
Keep the password now: only its hash is stored.
`;
  process.stdout.write(json ? `${JSON.stringify(added)}\n` : text);
  return 0;
}

function devicesCall(settings: Settings) {
  const { operatorKey } = readSecrets(settings.DATA_DIR);
  return { url: `http://${HOST}:${String(settings.DEVICE_DB_PORT)}/api/devices`, operatorKey };
}

function deviceTable(devices: readonly Device[]): string {
  const rows = devices.map(({ serial, room, timeZone, keyVersion, enabled }) => [
    serial,
    room,
    timeZone,
    String(keyVersion),
    enabled ? "yes" : "no",
  ]);
  const table = [["SERIAL", "ROOM", "TIME ZONE", "KEY", "ENABLED"], ...rows];
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}
