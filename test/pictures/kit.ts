import type { LaunchView } from "../../bot/contract.ts";
import type { PodView } from "../../device-sim/hand-contract.ts";
import { createLog } from "../../plumbing/log.ts";
import { askKit } from "../../scripts/kit-api.ts";
import { openOwnFolder } from "../../scripts/own-folder.ts";
import { DEMO_DEVICE } from "../../scripts/parts.ts";
import { ownSettings } from "../../scripts/scenarios/kit.ts";
import { makeSecrets } from "../../scripts/secrets.ts";
import { loadSettings } from "../../scripts/settings.ts";
import { startSystem } from "../../scripts/system.ts";
import { eventually } from "../support/eventually.ts";
import { UNSET } from "../support/unset.ts";
import { leavePast } from "./past.ts";
import { FORGOTTEN, POD_ROOMS } from "./rooms.ts";

export type PictureKit = Awaited<ReturnType<typeof openPictureKit>>;

/** A kit with a past, on free ports and in a folder of its own; resolves when all of its pods can be asked for scents. */
export async function openPictureKit() {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(await openOwnFolder()).path;
  await leavePast(folder, makeSecrets(folder, DEMO_DEVICE.serial));
  const settings = await ownSettings(loadSettings(UNSET), folder);
  const { urls, erpSetUpUrl, secrets } = opening.use(await startSystem({ settings, log: createLog("silent") }));

  /** Asks a part, with the key that it wants. */
  const ask = (url: string, body?: object): Promise<Response> => {
    const key = url.startsWith(urls.erp) ? secrets.erpApiKey : secrets.operatorKey;
    return askKit({ url, key, ...(body ? { method: "POST", body } : {}) });
  };

  const launchUrlOf = async (serial: string): Promise<string> => {
    const launch = (await (await ask(`${urls.bot}/api/launch/${serial}`)).json()) as LaunchView;
    const pod = (await (await ask(`${urls.deviceSim}/api/pods/${serial}`)).json()) as PodView;
    if (pod.connected) return launch.url;
    throw new Error(`The pod ${serial} is not connected.`);
  };

  const rooms = new Map<string, { serial: string; launchUrl: string }>();
  for (const { room, serial } of [...POD_ROOMS, FORGOTTEN])
    rooms.set(room, { serial, launchUrl: await eventually(() => launchUrlOf(serial)) });
  const owned = opening.move();
  return {
    urls,
    erpSetUpUrl: erpSetUpUrl ?? "",
    ask,
    /** Of the kit's pods, by its name. */
    room: (name: string) => rooms.get(name) ?? { serial: "", launchUrl: "" },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
