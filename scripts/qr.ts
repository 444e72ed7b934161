import { writeFile } from "node:fs/promises";
import { extname, join, parse } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { styleText } from "node:util";
import type { LaunchView } from "../bot/contract.ts";
import type { Device } from "../device-db/contract.ts";
import { StartError } from "../plumbing/start-error.ts";
import { askKit, RefusedError } from "./kit-api.ts";
import { HOST } from "./parts.ts";
import { readSecrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";

const HEARS_WITHIN_MS = 10_000;
const POLL_MS = 50;

type Output = { out: string | undefined; languages: string[]; json: boolean };

/** Prints a device's launch link as a QR code, or writes it as a picture or on a card to print. */
export async function qr(
  settings: Settings,
  serial: string,
  { out, languages, rotate, json }: Output & { rotate: boolean },
): Promise<number> {
  const kit = kitOf(settings);
  const write = async () => {
    if (out !== undefined) await save(out, await draw(kit, [serial], { out, languages }));
  };
  let { url } = await askLaunch(kit, serial);
  // Before older cards are made invalid too: a new one that cannot be written should not cost the old one.
  await write();
  if (rotate) {
    ({ url } = await rotateLink(kit, serial));
    await write();
  }

  if (json) process.stdout.write(`${JSON.stringify({ serial, url, ...(out === undefined ? {} : { file: out }) })}\n`);
  else if (out !== undefined) process.stdout.write(holds(out, serial, url));
  else process.stdout.write(`${await qrForTerminal({ ...kit, serial })}\n${url}\n`);
  if (rotate && !json) process.stdout.write(`Older cards of ${serial} are no longer valid.\n`);
  return 0;
}

/** The same for every enabled device: one document of cards, or a picture for each. */
export async function qrOfAll(settings: Settings, { out, languages, json }: Output): Promise<number> {
  const kit = kitOf(settings);
  const devices = await enabledDevices(kit);
  const rows: { serial: string; room: string; url: string; file?: string }[] = [];
  for (const { serial, room } of devices) {
    const { url } = await askLaunch(kit, serial);
    rows.push({ serial, room, url, ...(out === undefined ? {} : { file: fileOf(out, serial) }) });
  }
  for (const [file = "", ofFile] of Map.groupBy(rows, (row) => row.file)) {
    const serials = ofFile.map(({ serial }) => serial);
    if (file) await save(file, await draw(kit, serials, { out: file, languages }));
  }
  process.stdout.write(json ? `${JSON.stringify({ data: rows })}\n` : rows.map(lineOf).join(""));
  return 0;
}

type Kit = { bot: string; deviceDb: string; operatorKey: string };

function kitOf({ DATA_DIR, BOT_PORT, DEVICE_DB_PORT }: Settings): Kit {
  const { operatorKey } = readSecrets(DATA_DIR);
  return {
    bot: `http://${HOST}:${String(BOT_PORT)}`,
    deviceDb: `http://${HOST}:${String(DEVICE_DB_PORT)}`,
    operatorKey,
  };
}

async function enabledDevices({ deviceDb, operatorKey }: Kit): Promise<Device[]> {
  const { data } = (await (await askKit({ url: `${deviceDb}/api/devices`, key: operatorKey })).json()) as {
    data: Device[];
  };
  const enabled = data.filter((device) => device.enabled);
  if (enabled.length === 0) throw new RefusedError("No device is enabled. See: aromapod devices ls");
  return enabled;
}

async function askLaunch(kit: Kit, serial: string): Promise<LaunchView> {
  return (await (await fetchAs("json", { ...kit, serial })).json()) as LaunchView;
}

/** Resolves when the bot takes the new link only. */
async function rotateLink(kit: Kit, serial: string): Promise<LaunchView> {
  const { deviceDb, operatorKey } = kit;
  const url = `${deviceDb}/api/devices/${encodeURIComponent(serial)}/rotate-link`;
  const { keyVersion } = (await (await askKit({ url, key: operatorKey, method: "POST" })).json()) as Device;
  const giveUpAt = performance.now() + HEARS_WITHIN_MS;
  while (performance.now() < giveUpAt) {
    const launch = await askLaunch(kit, serial);
    if (launch.keyVersion >= keyVersion) return launch;
    await delay(POLL_MS);
  }
  throw new RefusedError(
    `The link of ${serial} is rotated, but the bot has not heard of it; it will when it reaches the broker. Print the new card then: aromapod qr ${serial}`,
  );
}

type Card = { bot: string; serial: string; operatorKey: string };

/** The QR code as text, in the colours that a phone reads best where the terminal shows colours. */
export async function qrForTerminal(card: Card): Promise<string> {
  const showsColours = process.stdout.isTTY && styleText("bold", "x") !== "x";
  return (await fetchAs(showsColours ? "terminal" : "text", card)).text();
}

function fetchAs(format: string, { bot, serial, operatorKey }: Card): Promise<Response> {
  return askKit({ url: `${bot}/api/launch/${encodeURIComponent(serial)}?as=${format}`, key: operatorKey });
}

/** What belongs into a file of that name: cards for all of the devices, or the picture of one. */
async function draw(
  kit: Kit,
  serials: string[],
  { out, languages }: { out: string; languages: string[] },
): Promise<Uint8Array> {
  const { bot, operatorKey } = kit;
  const [serial = ""] = serials;
  const answer = isDocument(out)
    ? askKit({ url: `${bot}/api/cards`, key: operatorKey, method: "POST", body: { serials, languages } })
    : fetchAs(extname(out).slice(1).toLowerCase(), { bot, serial, operatorKey });
  return (await answer).bytes();
}

function isDocument(file: string): boolean {
  return extname(file).toLowerCase() === ".html";
}

/** Cards stand in one document; pictures have their device in the name. */
function fileOf(out: string, serial: string): string {
  const { dir, name, ext } = parse(out);
  return isDocument(out) ? out : join(dir, `${name}-${serial}${ext}`);
}

function lineOf({ serial, room, url, file }: { serial: string; room: string; url: string; file?: string }): string {
  return file === undefined ? `${serial}  ${room}  ${url}\n` : holds(file, serial, url);
}

function holds(file: string, serial: string, url: string): string {
  return `${file} holds the ${isDocument(file) ? "card" : "QR code"} of ${serial}: ${url}\n`;
}

async function save(file: string, bytes: Uint8Array): Promise<void> {
  await writeFile(file, bytes).catch((cause: unknown) => {
    throw new StartError(`Cannot write "${file}": ${(cause as Error).message}.`, { cause });
  });
}
