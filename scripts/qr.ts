import { writeFile } from "node:fs/promises";
import { extname } from "node:path";
import { styleText } from "node:util";
import { StartError } from "../plumbing/start-error.ts";
import { askKit } from "./kit-api.ts";
import { HOST } from "./parts.ts";
import { readSecrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";

/** Prints a device's launch link as a QR code, or writes it as a picture. */
export async function qr(
  settings: Settings,
  serial: string,
  { out, json }: { out: string | undefined; json: boolean },
): Promise<number> {
  const { operatorKey } = readSecrets(settings.DATA_DIR);
  const card = { bot: `http://${HOST}:${String(settings.BOT_PORT)}`, serial, operatorKey };
  const { url } = (await (await fetchAs("json", card)).json()) as { url: string };

  if (out !== undefined) await save(out, await (await fetchAs(formatOf(out), card)).bytes());
  if (json) process.stdout.write(`${JSON.stringify({ serial, url, ...(out === undefined ? {} : { file: out }) })}\n`);
  else if (out !== undefined) process.stdout.write(`${out} holds the QR code of ${serial}: ${url}\n`);
  else process.stdout.write(`${await qrForTerminal(card)}\n${url}\n`);
  return 0;
}

type Card = { bot: string; serial: string; operatorKey: string };

/** The QR code as text, in the colours that a phone reads best where the terminal shows colours. */
export async function qrForTerminal(card: Card): Promise<string> {
  const showsColours = process.stdout.isTTY && styleText("bold", "x") !== "x";
  return (await fetchAs(showsColours ? "terminal" : "text", card)).text();
}

function fetchAs(format: string, { bot, serial, operatorKey }: Card): Promise<Response> {
  return askKit({ url: `${bot}/api/launch/${encodeURIComponent(serial)}?as=${format}`, operatorKey });
}

/** By the name's end; the command line lets no other than these two pass. */
function formatOf(file: string): "svg" | "png" {
  return extname(file).toLowerCase() === ".svg" ? "svg" : "png";
}

async function save(file: string, bytes: Uint8Array): Promise<void> {
  await writeFile(file, bytes).catch((cause: unknown) => {
    throw new StartError(`Cannot write "${file}": ${(cause as Error).message}.`, { cause });
  });
}
