import { extname } from "node:path";
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { SERIAL } from "../device-sim/contract.ts";
import { StartError } from "../plumbing/start-error.ts";
import { RefusedError } from "./kit-api.ts";
import { DEMO_DEVICE, PART_NAMES, type PartName } from "./parts.ts";
import { loadSettings, SETTING_NAMES, type Settings } from "./settings.ts";

const EXIT = { done: 0, failed: 1, usage: 2, notReady: 3 };
const MAX_REPEAT = 100_000;

/** Of a hotel in Hong Kong. */
const CARD_LANGUAGES = ["en", "zh-Hant"];

type Flags = Record<string, string | boolean | undefined> & { json?: boolean };

type QrFlags = { json?: boolean; out?: string; languages?: string[]; all?: boolean; rotate?: boolean };

/** The settings' flags: `BOT_PORT` is `--bot-port`, `MicrosoftAppId` is `--microsoft-app-id`. */
const settingOptions = SETTING_NAMES.map((name) => {
  const flag = name
    .replace(/([a-z])([A-Z])/g, "$1-$2")
    .replaceAll("_", "-")
    .toLowerCase();
  return {
    name,
    option: new Option(`--${flag} <value>`, `sets ${name}`).helpGroup("Settings (or the environment, or .env):"),
  };
});

/** Runs one command line; resolves with the exit code (0 done, 1 failed, 2 wrong usage, 3 not ready, 130 interrupted). */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    let code = EXIT.done;
    await programOf((result) => {
      code = result;
    }).parseAsync(argv);
    return code;
  } catch (error) {
    return exitCodeOf(error);
  }
}

function programOf(onDone: (code: number) => void): Command {
  const run = async (flags: Flags, work: (settings: Settings) => Promise<number>): Promise<void> => {
    const given = settingOptions.map(({ name, option }) => [name, flags[option.attributeName()]] as const);
    onDone(await work(loadSettings(Object.fromEntries(given) as Record<string, string | undefined>)));
  };
  const program = new Command("aromapod")
    .description("From a QR code in a hotel room to exactly one usage in the ERP.")
    .exitOverride();
  addRunning(program, run);
  addPoc(program, run);
  addQr(program, run);
  addTranscript(program, run);
  addDevices(program, run);
  return program;
}

type Run = (flags: Flags, work: (settings: Settings) => Promise<number>) => Promise<void>;

function addRunning(program: Command, run: Run): void {
  command(program, "start", "run the whole kit in one process")
    .option("--lan", "let phones in the local network reach the chat")
    .action(async (flags: Flags) => {
      const { start } = await import("./start.ts");
      await run(flags, (settings) => start(settings, { json: flags.json === true, lan: flags["lan"] === true }));
    });
  command(program, "serve", "run one part of the kit in a process of its own")
    .addArgument(new Argument("<part>").choices(PART_NAMES))
    .action(async (part: PartName, flags: Flags) => {
      const { serve } = await import("./serve.ts");
      await run(flags, (settings) => serve(part, settings, { json: flags.json === true }));
    });
}

function addPoc(program: Command, run: Run): void {
  type PocFlags = Flags & {
    answer: string;
    serial: string;
    against?: string;
    deviceDb?: string;
    erp?: string;
    erpKeyFile?: string;
  };
  command(program, "poc", "act as one guest, and prove that the ERP got one usage")
    .option("--answer <text>", "what the guest answers", "b")
    .option("--serial <serial>", "the device in the guest's room", serialNumber, DEMO_DEVICE.serial)
    .option("--repeat <n>", "how many sessions, one after the other", wholeNumber, 1)
    .option("--against <launch url>", "a running kit instead of one of its own", webAddress)
    .option("--device-db <url>", "the running kit's device database", origin)
    .option("--erp <url>", "the ERP to ask; needs --erp-key-file", origin)
    .option("--erp-key-file <file>", "a file that holds the ERP's API key")
    .action(async (flags: PocFlags & { repeat: number }, self: Command) => {
      if (flags.erp !== undefined && flags.erpKeyFile === undefined)
        self.error("error: option '--erp <url>' needs '--erp-key-file <file>', which holds the ERP's API key");
      const { poc } = await import("./poc.ts");
      const { answer, serial, repeat, against, deviceDb, erp, erpKeyFile } = flags;
      await run(flags as Flags, (settings) =>
        poc(settings, { answer, serial, repeat, json: flags.json === true, against, deviceDb, erp, erpKeyFile }),
      );
    });
}

function addQr(program: Command, run: Run): void {
  command(program, "qr", "print a device's launch link as a QR code, or write it as a picture or a card to print")
    .argument("[serial]", `the device (default: "${DEMO_DEVICE.serial}")`)
    .option("--out <file>", "card.svg or card.png, or card.html to print on A6 paper", cardFile)
    .option("--languages <tags>", "what a card.html is written in (default: en,zh-Hant)", languageTags)
    .option("--all", "every enabled device: its line, its card in the file, or a picture with its serial in the name")
    .option("--rotate", "first make the device's older links invalid")
    .action(async (serial: string | undefined, flags: QrFlags, self: Command) => {
      refuse(self, contradictionIn(serial, flags));
      const { qr, qrOfAll } = await import("./qr.ts");
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

function addTranscript(program: Command, run: Run): void {
  type TranscriptFlags = Flags & { out?: string; replay?: string };
  command(program, "transcript", "print what was said in a session, or play it again as a test of the bot")
    .argument("[sessionId]", "a session of a running kit")
    .option("--out <file>", "a .transcript, which the Bot Framework Emulator opens", transcriptFile)
    .option("--replay <file>", "a .transcript to play on a kit of its own: the bot is to say the same")
    .action(async (sessionId: string | undefined, flags: TranscriptFlags, self: Command) => {
      const { out, replay } = flags;
      if ((sessionId === undefined) === (replay === undefined))
        refuse(self, "name a session, or a file with '--replay <file>', and not both");
      if (out !== undefined && replay !== undefined) refuse(self, "option '--out <file>' is for a session");
      const { replayTranscript, saveTranscript } = await import("./transcript.ts");
      const json = flags.json === true;
      await run(flags, (settings) =>
        replay === undefined
          ? saveTranscript(settings, sessionId ?? "", { out, json })
          : replayTranscript(settings, replay, { json }),
      );
    });
}

/** Ends a command line that makes no sense. */
function refuse(command: Command, sentence: string | undefined): void {
  if (sentence !== undefined) command.error(`error: ${sentence}`);
}

function addDevices(program: Command, run: Run): void {
  const devices = program.command("devices").description("the device registry of a running kit");
  command(devices, "ls", "list the registered devices").action(async (flags: Flags) => {
    const { listDevices } = await import("./devices.ts");
    await run(flags, (settings) => listDevices(settings, { json: flags.json === true }));
  });
  command(devices, "add", "register a device and print its MQTT password")
    .argument("<serial>")
    .requiredOption("--room <name>", "the room it stands in")
    .option("--time-zone <zone>", "the room's time zone", DEMO_DEVICE.timeZone)
    .action(async (serial: string, flags: Flags & { room: string; timeZone: string }) => {
      const { addDevice } = await import("./devices.ts");
      const { room, timeZone } = flags;
      await run(flags, (settings) => addDevice(settings, { serial, room, timeZone }, { json: flags.json === true }));
    });
}

function command(parent: Command, name: string, description: string): Command {
  const made = parent
    .command(name)
    .description(description)
    .option("--json", "print data for programs on stdout, and nothing else there");
  for (const { option } of settingOptions) made.addOption(option);
  return made;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= MAX_REPEAT) return value;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${String(MAX_REPEAT)}.`);
}

function serialNumber(text: string): string {
  if (new RegExp(`^${SERIAL}$`).test(text)) return text;
  throw new InvalidArgumentError("It must be 1 to 32 letters, digits or hyphens.");
}

function webAddress(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? "")) return text;
  throw new InvalidArgumentError("It must be a URL such as http://127.0.0.1:3978/r/…");
}

function origin(text: string): string {
  const { pathname, search, origin: found } = new URL(webAddress(text));
  if (pathname === "/" && search === "") return found;
  throw new InvalidArgumentError("It must be an origin such as http://127.0.0.1:8000.");
}

function cardFile(text: string): string {
  if ([".svg", ".png", ".html"].includes(extname(text).toLowerCase())) return text;
  throw new InvalidArgumentError("It must end in .svg, .png or .html.");
}

function transcriptFile(text: string): string {
  if (extname(text).toLowerCase() === ".transcript") return text;
  throw new InvalidArgumentError("It must end in .transcript.");
}

function languageTags(text: string): string[] {
  const tags = text.split(",").map((tag) => tag.trim());
  if (tags.every((tag) => tag !== "")) return tags;
  throw new InvalidArgumentError("It must be languages such as en,zh-Hant.");
}

/** One sentence for what people can mend; a stack trace only for our own bugs. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  const isExpected = error instanceof StartError || error instanceof RefusedError;
  const text = error instanceof Error ? (isExpected ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`${text}\n`);
  return error instanceof StartError ? EXIT.notReady : EXIT.failed;
}
