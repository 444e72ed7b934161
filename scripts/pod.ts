import { styleText } from "node:util";
import type { Device } from "../device-db/contract.ts";
import { SCENTS, type Scent } from "../device-sim/contract.ts";
import type { PodView } from "../device-sim/hand-contract.ts";
import { askKit } from "./kit-api.ts";
import { HOST } from "./parts.ts";
import { readSecrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";

const INTENSITY = { 1: "gentle", 2: "normal", 3: "strong" } as const;
const BAR = 20;

/** Shows how a simulated pod is. */
export async function showPod(settings: Settings, serial: string, { json }: { json: boolean }): Promise<number> {
  return tell(await ask(settings, serial), json);
}

/** Does something to a simulated pod by hand, and shows how it is then. */
export async function layHandOn(
  settings: Settings,
  serial: string,
  { name, body, json }: { name: string; body: object; json: boolean },
): Promise<number> {
  const whole = name === "schedule" ? { timeZone: await zoneOf(settings, serial), ...body } : body;
  return tell(await ask(settings, `${serial}/${name}`, whole), json);
}

/** Of the room that the pod is registered in. */
async function zoneOf(settings: Settings, serial: string): Promise<string> {
  const { operatorKey } = readSecrets(settings.DATA_DIR);
  const url = `http://${HOST}:${String(settings.DEVICE_DB_PORT)}/api/devices/${serial}`;
  return ((await (await askKit({ url, key: operatorKey })).json()) as Device).timeZone;
}

async function ask(settings: Settings, path: string, body?: object): Promise<PodView> {
  const { operatorKey } = readSecrets(settings.DATA_DIR);
  const url = `http://${HOST}:${String(settings.DEVICE_SIM_PORT)}/api/pods/${path}`;
  const call = body === undefined ? {} : ({ method: "POST", body } as const);
  return (await (await askKit({ url, key: operatorKey, ...call })).json()) as PodView;
}

function tell(pod: PodView, json: boolean): number {
  process.stdout.write(json ? `${JSON.stringify(pod)}\n` : podText(pod));
  return 0;
}

function podText(pod: PodView): string {
  const { serial, connected, state } = pod;
  const lines = factsOf(pod).flatMap(([name, value]) =>
    value === undefined ? [] : [`  ${name.padEnd(10)}${value}\n`],
  );
  const diffuses = state.diffusing ? `diffuses ${state.diffusing}` : "diffuses nothing";
  return `${styleText("bold", serial)}  ${connected ? "connected" : "not connected"}, ${diffuses}

${SCENTS.map((scent) => `  ${capsuleLine(scent, pod)}\n`).join("")}
${lines.join("")}`;
}

function factsOf({ state, faults, seed, unacked }: PodView): [name: string, value: string | undefined][] {
  return [
    ["stay", state.stay ?? "nobody has checked in"],
    ["schedule", scheduleText(state)],
    ["intensity", INTENSITY[(state.intensity ?? 2) as keyof typeof INTENSITY]],
    ["faults", faults.length > 0 ? `${faults.join(" ")} (seed ${String(seed)})` : undefined],
    ["events", unacked > 0 ? `${String(unacked)} not acknowledged` : undefined],
    ["its time", state.virtualAt],
    ["firmware", `${state.firmware ?? ""}, up ${String(state.uptimeS ?? 0)} s, ${String(state.rssi ?? 0)} dBm`],
  ];
}

/** The window, and below it what comes next of it, by the clock of its room. */
function scheduleText({ schedule, virtualAt, at }: PodView["state"]): string | undefined {
  if (!schedule) return undefined;
  const { scent, startTime, endTime, timeZone, startsAt, endsAt } = schedule;
  const isOpen = startsAt <= (virtualAt ?? at);
  const moment = Temporal.Instant.from(isOpen ? endsAt : startsAt).toZonedDateTimeISO(timeZone);
  const next = `${isOpen ? "closes" : "opens"} ${moment.toPlainDate().toString()} at ${moment.toPlainTime().toString()}`;
  return `${scent}, ${startTime} to ${endTime} ${timeZone}\n            ${next}`;
}

function capsuleLine(scent: Scent, { state, capsuleMl }: PodView): string {
  const { capsules = {}, low = [], diffusing } = state;
  const ml = capsules[scent];
  if (ml === undefined) return `${scent.padEnd(10)}no capsule`;
  const filled = Math.ceil((Math.min(ml, capsuleMl) / capsuleMl) * BAR);
  const level = `${"█".repeat(filled)}${"░".repeat(BAR - filled)}`;
  const notes = [ml === 0 ? "empty" : low.includes(scent) && "low", scent === diffusing && "diffusing"].filter(Boolean);
  return `${scent.padEnd(10)}${level} ${ml.toFixed(2).padStart(5)} ml ${notes.join(", ")}`.trimEnd();
}
