import { readFile, writeFile } from "node:fs/promises";
import { SCENTS } from "../device-sim/contract.ts";
import type { ImportCounts, MasterData, MasterDataRow, PartName } from "../erp-stub/master-data-contract.ts";
import { parseJson } from "../plumbing/json.ts";
import { StartError } from "../plumbing/start-error.ts";
import { DEMO_HOTEL, POD_TYPE, roomRows } from "./demo-hotel.ts";
import { askKit } from "./kit-api.ts";
import { HOST } from "./parts.ts";
import { readSecrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";
import { counted } from "./words.ts";

type Json = { json: boolean };

const ROOMS_ON_A_FLOOR = 20;

/** What is never added twice: the columns by which a row is known. */
const KNOWN_BY: Record<PartName, readonly string[]> = {
  corporations: ["name"],
  clients: ["corporation", "name"],
  device_types: ["code"],
  rooms: ["corporation", "client", "name"],
  devices: ["serial"],
  device_setups: ["serial"],
  scents: ["code"],
  schedules: ["start_time", "end_time"],
};

/** Gives the bundled ERP a hotel of so many rooms, each with a device; what is there already stays as people made it. */
export async function seedHotel(settings: Settings, { rooms, json }: Json & { rooms: number }): Promise<number> {
  const there = (await ask(settings, "")) as MasterData;
  const missing = without(demoHotel(rooms, new Date().toISOString()), there);
  const counts = (await ask(settings, "", missing)) as ImportCounts;
  return tell(counts, seedText(settings, missing), { json });
}

/** Writes the master data of the bundled ERP as a JSON document. */
export async function exportMasterData(
  settings: Settings,
  { out, json }: Json & { out: string | undefined },
): Promise<number> {
  const document = (await ask(settings, "")) as MasterData;
  const text = `${JSON.stringify(document, null, 2)}\n`;
  if (out === undefined) {
    process.stdout.write(json ? `${JSON.stringify(document)}\n` : text);
    return 0;
  }
  await writeFile(out, text).catch((cause: Error) => {
    throw new StartError(`Cannot write "${out}": ${cause.message}.`, { cause });
  });
  const rows = Object.values(document).flat().length;
  return tell({ rows, file: out }, `${out} holds the ${counted(rows, "row")} of the master data.\n`, { json });
}

/** Brings a JSON document into the bundled ERP: all of it, or nothing. */
export async function importMasterData(
  settings: Settings,
  file: string,
  { dryRun, json }: Json & { dryRun: boolean },
): Promise<number> {
  const document = await readDocument(file);
  const counts = (await ask(settings, dryRun ? "?dry_run=true" : "", document)) as ImportCounts;
  const { added, changed, unchanged } = counts;
  const text = dryRun
    ? `Nothing is wrong with ${file}, and nothing was kept: ${String(added)} to add, ${String(changed)} to change, ${String(unchanged)} unchanged.\n`
    : `${file} is imported: ${String(added)} added, ${String(changed)} changed, ${String(unchanged)} unchanged.\n`;
  return tell(counts, text, { json });
}

async function readDocument(file: string): Promise<unknown> {
  const text = await readFile(file, "utf8").catch((cause: Error) => {
    throw new StartError(`Cannot read "${file}": ${cause.message}.`, { cause });
  });
  const document = parseJson(text.replace(/^\ufeff/, ""));
  if (document === undefined) throw new StartError(`Cannot read "${file}": it is no JSON.`);
  return document;
}

async function ask(settings: Settings, query: string, body?: unknown): Promise<unknown> {
  if (settings.ERP_URL !== undefined) {
    throw new StartError(`ERP_URL names an ERP that is not ours: "aromapod erp" is for the bundled one only.`);
  }
  const { erpApiKey } = readSecrets(settings.DATA_DIR);
  const url = `${erpUrl(settings)}/api/master-data${query}`;
  const call = body === undefined ? {} : ({ method: "POST", body } as const);
  return (await askKit({ url, key: erpApiKey, ...call })).json();
}

function erpUrl(settings: Settings): string {
  return `http://${HOST}:${String(settings.ERP_PORT)}`;
}

function tell(data: unknown, text: string, { json }: Json): number {
  process.stdout.write(json ? `${JSON.stringify(data)}\n` : text);
  return 0;
}

/** Rooms by their floors, from 101 on. */
function demoHotel(rooms: number, installedAt: string): MasterData {
  const places = Array.from({ length: rooms }, (_, at) => ({
    room: `Room ${String(100 * (Math.floor(at / ROOMS_ON_A_FLOOR) + 1) + (at % ROOMS_ON_A_FLOOR) + 1)}`,
    serial: serialAt(at),
  }));
  return {
    corporations: [{ name: DEMO_HOTEL.corporation }],
    clients: [DEMO_HOTEL],
    device_types: [POD_TYPE],
    ...roomRows(places, installedAt),
    scents: SCENTS.map((code) => ({ code, name: code.charAt(0).toUpperCase() + code.slice(1) })),
    schedules: [],
  };
}

function serialAt(at: number): string {
  return `HKAP02${String(at + 1).padStart(8, "0")}`;
}

/** What is not there yet; a scent is, in whatever case. */
function without(wanted: MasterData, there: MasterData): MasterData {
  const parts = Object.entries(wanted) as [PartName, MasterDataRow[]][];
  return Object.fromEntries(
    parts.map(([part, rows]) => {
      const keyOf = (row: MasterDataRow) => {
        const key = JSON.stringify(KNOWN_BY[part].map((column) => row[column]));
        return part === "scents" ? key.toLowerCase() : key;
      };
      const known = new Set(there[part].map(keyOf));
      return [part, rows.filter((row) => !known.has(keyOf(row)))];
    }),
  ) as MasterData;
}

function seedText(settings: Settings, { rooms, devices }: MasterData): string {
  const url = erpUrl(settings);
  const isNew = rooms.length + devices.length > 0;
  const added = `${counted(rooms.length, "room")} and ${counted(devices.length, "device")} more`;
  return `${DEMO_HOTEL.name} has ${isNew ? added : "these rooms and devices already: nothing was added"}.
See them at ${url}/rooms, and let one of the devices check in:
  curl "${url}/device/switch?serial=${serialAt(0)}&status=checkin&scent=wood"
`;
}
