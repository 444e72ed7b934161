import { createServer } from "node:http";
import { listen } from "../../plumbing/listen.ts";
import { isFree } from "../free-ports.ts";
import { HOST } from "../parts.ts";
import type { Settings } from "../settings.ts";
import { admitted, type BrokerLook } from "./broker-look.ts";
import { type Check, check, type Finding, failed, notChecked, ok, run } from "./check.ts";
import type { Kit } from "./kit.ts";
import { portHolder } from "./port-holder.ts";
import type { PartLook } from "./running-part.ts";
import { assign } from "./shell.ts";

const PORTS = { BOT_PORT: "bot", DEVICE_DB_PORT: "device-db", DEVICE_SIM_PORT: "device-sim", ERP_PORT: "erp" } as const;
type PortName = keyof typeof PORTS | "MQTT_PORT";
const NAMES = [...(Object.keys(PORTS) as PortName[]), "MQTT_PORT"] as const;
const FURTHER = 10;
const MAX_PORT = 65_535;
const HOLDERS: Partial<Record<PartLook["who"], string>> = {
  "another kit": "a kit with another data folder",
  "somebody silent": "a program that does not answer",
};
/** These make a port needless. */
const INSTEAD: Partial<Record<PortName, "ERP_URL" | "MQTT_URL">> = { ERP_PORT: "ERP_URL", MQTT_PORT: "MQTT_URL" };

export const portChecks: readonly Check[] = NAMES.map((name) => check(name, (kit) => portFinding(name, kit)));

async function portFinding(name: PortName, kit: Kit): Promise<Finding> {
  const { settings } = kit;
  const port = settings[name];
  const instead = INSTEAD[name];
  if (instead && settings[instead] !== undefined) return notChecked(`not used, as ${instead} is set`);
  if (port === 0) return notChecked("0 is any free port, so nobody else can find what listens there");
  const twin = twinOf(name, settings);
  if (twin) return failed(`${String(port)} is ${twin} too`, run(await elsewhere(name, settings)));
  const holder = await whoHolds(name, kit);
  if (holder === "this kit") return ok(`${String(port)} is held by this kit`);
  const trouble = await whyNotFree(port);
  if (trouble === undefined) return ok(`${String(port)} is free`);
  if (trouble === "EADDRINUSE")
    return failed(
      `${String(port)} ${heldBy(port, holder)}`,
      run(await elsewhere(name, settings), "End that program, or take another port:"),
    );
  const advice = trouble === "EACCES" ? "Ports below 1024 are for root only; take another:" : "Take another port:";
  return failed(`${String(port)} cannot be used (${trouble})`, run(await elsewhere(name, settings), advice));
}

function twinOf(name: PortName, settings: Settings): PortName | undefined {
  return NAMES.slice(0, NAMES.indexOf(name)).find((other) => settings[other] === settings[name]);
}

async function whoHolds(name: PortName, { part, broker }: Kit): Promise<PartLook["who"]> {
  if (name !== "MQTT_PORT") return (await part(PORTS[name])).who;
  return isOurs(await broker()) ? "this kit" : "a stranger";
}

/** It knows the bot's password, and would not take another. */
function isOurs(look: BrokerLook | undefined): boolean {
  return admitted(look?.bot) !== undefined && look?.madeUp.state === "refused";
}

/** The code of what the system says to who would listen there. */
async function whyNotFree(port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    await listen(server, { host: HOST, port, setting: "" });
    return undefined;
  } catch (error) {
    return ((error as Error).cause as NodeJS.ErrnoException).code;
  } finally {
    server.close();
  }
}

function heldBy(port: number, holder: PartLook["who"]): string {
  const program = portHolder(port);
  const who = HOLDERS[holder] ?? "another program";
  return `is held by ${who}${program === undefined ? "" : `: ${program}`}`;
}

/** No two of them are sent to the same port, whichever are taken. */
async function elsewhere(name: PortName, settings: Settings): Promise<string> {
  const taken = NAMES.map((other) => settings[other]);
  let port = settings[name] + FURTHER + NAMES.indexOf(name);
  while (port < MAX_PORT && (taken.includes(port) || !(await isFree(port)))) port += NAMES.length;
  return assign(name, String(Math.min(port, MAX_PORT)));
}
