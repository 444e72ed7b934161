import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { BotSessionView } from "../../bot/contract.ts";
import type { Delivery, SessionView } from "../../device-db/contract.ts";
import type { ErpMode } from "../../erp-stub/contract.ts";
import { createLog } from "../../plumbing/log.ts";
import { PART_NAMES, type PartName } from "../../scripts/parts.ts";
import type { Secrets } from "../../scripts/secrets.ts";
import { loadSettings } from "../../scripts/settings.ts";
import { startSystem } from "../../scripts/system.ts";
import { SERIAL } from "./devices.ts";
import { eventually } from "./eventually.ts";
import { openHome, PORT_SETTINGS } from "./home.ts";
import { openKitBroker } from "./kit-broker.ts";
import type { RunningProcess } from "./process.ts";
import { UNSET } from "./unset.ts";

/** A running kit as the outside sees it. */
export type Kit = {
  launchUrl: string;
  urls: { bot: string; deviceDb: string; deviceSim: string; erp: string };
  secrets: Secrets;
  [Symbol.asyncDispose]: () => Promise<void>;
};

/** All parts in this process, on free ports and a folder of their own, with more settings if wanted. */
export async function openKit(mode: ErpMode, more: Record<string, string> = {}, lanHost?: string) {
  await using opening = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), "aromapod-e2e-"));
  opening.defer(() => rm(dataDir, { recursive: true, force: true }));
  const anyPort = Object.fromEntries(PORT_SETTINGS.map((name) => [name, "0"]));
  const broker = opening.use(await openKitBroker(dataDir));
  const given = { ...anyPort, DATA_DIR: dataDir, ERP_MODE: mode, ...broker.settings, ...more };
  const settings = loadSettings({ ...UNSET, ...given });
  const { launchUrl, urls, secrets } = opening.use(await startSystem({ settings, log: createLog("silent"), lanHost }));
  const owned = opening.move();
  return { launchUrl, urls, secrets, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Each part in a process of its own; they are started one after the other, in any order. */
export async function openKitOfProcesses(mode: ErpMode, order: readonly PartName[] = PART_NAMES) {
  await using opening = new AsyncDisposableStack();
  const home = opening.use(await openHome());
  const processes = new Map<PartName, RunningProcess>();
  const urls: Record<string, string> = {};

  async function start(part: PartName): Promise<void> {
    const running = home.start(["serve", part, "--json"], { ERP_MODE: mode });
    processes.set(part, running);
    const [line] = await running.shows(/^.*\n/);
    const ready = JSON.parse(line) as { ready: boolean; service: string; url: string };
    expect(ready).toEqual({ ready: true, service: part, url: expect.any(String) as string });
    urls[part] = ready.url;
  }

  for (const part of order) await start(part);
  const { bot = "", "device-db": deviceDb = "", "device-sim": deviceSim = "", erp = "" } = urls;
  await eventually(async () => {
    for (const url of [bot, deviceSim]) expect(await (await fetch(`${url}/readyz?verbose`)).text()).toMatch(/\nok\n$/);
  });
  const secrets = await home.secrets();
  const launch = await askOperator(`${bot}/api/launch/${SERIAL}`, secrets);
  const { url: launchUrl } = (await launch.json()) as { url: string };
  const owned = opening.move();
  return {
    launchUrl,
    urls: { bot, deviceDb, deviceSim, erp },
    secrets,
    start,
    async kill(part: PartName): Promise<void> {
      await processes.get(part)?.stop("SIGKILL");
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

export function askOperator(url: string, { operatorKey }: Pick<Secrets, "operatorKey">): Promise<Response> {
  return fetch(url, { headers: { authorization: `Bearer ${operatorKey}` } });
}

export function erpOf({ urls, secrets }: Pick<Kit, "urls" | "secrets">) {
  return { url: urls.erp, apiKey: secrets.erpApiKey };
}

export async function listDeliveries({ urls }: { urls: Pick<Kit["urls"], "deviceDb"> }): Promise<Delivery[]> {
  const answer = await fetch(`${urls.deviceDb}/api/deliveries`);
  return ((await answer.json()) as { data: Delivery[] }).data;
}

/** The session as the device database shows it. */
export async function sessionAtDeviceDb({ urls }: Kit, id: string): Promise<SessionView> {
  return (await (await fetch(`${urls.deviceDb}/api/sessions/${id}`)).json()) as SessionView;
}

/** The same, once its event has reached the ERP. */
export function deliveredSession(kit: Kit, id: string) {
  return eventually(async () => {
    const view = await sessionAtDeviceDb(kit, id);
    expect(view).toMatchObject({ delivery: { state: "delivered" } });
    return view as SessionView & { delivery: Delivery };
  });
}

export async function sessionAtBot(kit: Pick<Kit, "urls" | "secrets">, id: string): Promise<BotSessionView> {
  const answer = await askOperator(`${kit.urls.bot}/api/sessions/${id}`, kit.secrets);
  return (await answer.json()) as BotSessionView;
}
