import { resolve } from "node:path";
import { styleText } from "node:util";
import { createLog } from "../plumbing/log.ts";
import { StartError } from "../plumbing/start-error.ts";
import { armCrashPoint } from "./crash-point.ts";
import { lanAddresses } from "./lan.ts";
import { untilSignal } from "./lifetime.ts";
import { typed } from "./own-program.ts";
import { DEMO_DEVICE } from "./parts.ts";
import { qrForTerminal } from "./qr.ts";
import type { Settings } from "./settings.ts";
import { type System, startSystem } from "./system.ts";

/** Runs the whole kit until it is told to end. */
export async function start(
  settings: Settings,
  { json, lan, speed }: { json: boolean; lan: boolean; speed: number },
): Promise<number> {
  armCrashPoint(process.env);
  const ended = untilSignal();
  const lanHost = lan ? lanAddress() : undefined;
  await using system = await startSystem({ settings, log: createLog("warn"), lanHost, speed });
  if (json) process.stdout.write(`${JSON.stringify(readyLine(system, settings))}\n`);
  else process.stdout.write(await welcome(system, lan));
  return await ended;
}

function readyLine({ urls, launchUrl, erpSetUpUrl }: System, settings: Settings) {
  const { bot, deviceDb, erp, deviceSim, mqtt } = urls;
  return {
    ready: true,
    bot,
    deviceDb,
    erp,
    deviceSim,
    mqtt,
    launchUrl,
    erpSetupUrl: erpSetUpUrl,
    dataDir: resolve(settings.DATA_DIR),
  };
}

async function welcome(system: System, lan: boolean): Promise<string> {
  const { urls, launchUrl, erpSetUpUrl, secrets } = system;
  const { operatorKey } = secrets;
  const qr = await qrForTerminal({ bot: urls.bot, serial: DEMO_DEVICE.serial, operatorKey });
  const strong = (text: string) => styleText("bold", text);
  const soft = (text: string) => styleText("dim", text);
  const phone = lan
    ? "Scan it with a phone in the same network."
    : `It opens on this machine; for a phone, start with: ${typed("start --lan")}`;
  return `
${strong("AromaPod is ready.")} ${soft(`${DEMO_DEVICE.room}, pod ${DEMO_DEVICE.serial}`)}

${qr}
  ${strong("Guest")}            ${launchUrl}
                   ${soft(phone)}
  ${strong("Console")}          ${urls.deviceDb}/
  ${strong("Pod")}              ${urls.deviceSim}/
  ${strong("ERP")}              ${urls.erp}/
${erpSetUpUrl === null ? "" : `                   ${soft("Its first administrator is made at")} ${erpSetUpUrl}\n`}  ${strong("Broker")}           ${urls.mqtt}

  ${strong("Next")}   Open the guest's page and tap a scent.
         Prove the whole flow on a second kit of its own: ${typed("poc")}
         Print the card of a room: ${typed(`qr ${DEMO_DEVICE.serial} --out card.html`)}
         ${soft("Ctrl-C ends it; everything is kept.")}

`;
}

function lanAddress(): string {
  const [found] = lanAddresses();
  if (found === undefined) throw new StartError("This machine has no address in a local network; start without --lan.");
  return found;
}
