import { extname } from "node:path";
import type { Command } from "commander";
import { DEMO_DEVICE } from "../parts.ts";
import { cardFile, languageTags } from "./arguments.ts";
import { command, type Flags, type Run, refuse } from "./command.ts";

/** Of a hotel in Hong Kong. */
const CARD_LANGUAGES = ["en", "zh-Hant"];

type QrFlags = { json?: boolean; out?: string; languages?: string[]; all?: boolean; rotate?: boolean };

export function addQr(program: Command, run: Run): void {
  command(program, "qr", "print a device's launch link as a QR code, or write it as a picture or a card to print")
    .argument("[serial]", `the device (default: "${DEMO_DEVICE.serial}")`)
    .option("--out <file>", "card.svg or card.png, or card.html to print on A6 paper", cardFile)
    .option("--languages <tags>", "what a card.html is written in (default: en,zh-Hant)", languageTags)
    .option("--all", "every enabled device: its line, its card in the file, or a picture with its serial in the name")
    .option("--rotate", "first make the device's older links invalid")
    .action(async (serial: string | undefined, flags: QrFlags, self: Command) => {
      refuse(self, contradictionIn(serial, flags));
      const { qr, qrOfAll } = await import("../qr.ts");
      const { out, languages = CARD_LANGUAGES, all, rotate } = flags;
      const how = { out, languages, json: flags.json === true };
      await run(flags as Flags, (settings) =>
        all ? qrOfAll(settings, how) : qr(settings, serial ?? DEMO_DEVICE.serial, { ...how, rotate: rotate === true }),
      );
    });
}

function contradictionIn(serial: string | undefined, { out, languages, all, rotate }: QrFlags): string | undefined {
  if (all && rotate) return "option '--rotate' takes one device, not '--all'";
  if (all && serial !== undefined) return `option '--all' takes every device, not only "${serial}"`;
  if (languages && extname(out ?? "").toLowerCase() !== ".html")
    return "option '--languages <tags>' needs '--out card.html', for only cards have words on them";
  return undefined;
}
