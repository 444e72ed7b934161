/** What the hotel has behind it when the pictures are taken: its stays in the ERP, and capsules in use. */
import { join } from "node:path";
import { openDeviceDbStore } from "../../device-db/store.ts";
import { SCENTS } from "../../device-sim/contract.ts";
import { openPodStore } from "../../device-sim/store.ts";
import { startErp } from "../../erp-stub/service.ts";
import { createLog } from "../../plumbing/log.ts";
import { seededRandom } from "../../plumbing/random.ts";
import { hashSecret, newSecret } from "../../plumbing/secret.ts";
import { askKit } from "../../scripts/kit-api.ts";
import { HOST } from "../../scripts/parts.ts";
import { addDeviceSecrets, type Secrets } from "../../scripts/secrets.ts";
import { manualClock } from "../support/clock.ts";
import { callSwitch } from "../support/erp-calls.ts";
import { FORGOTTEN, HOTEL, OTHER_ROOMS, POD_ROOMS, TIME_ZONE } from "./rooms.ts";

const DEVICE_TYPE = "aromapodpro";
const SEED = 7;
/** Of the guests of a room, on a day. */
const SHARE_WHO_WANT_A_SCENT = 0.6;
const SHARE_WITHOUT_CHECKOUT = 0.04;

type Moment = { at: Temporal.ZonedDateTime; serial: string; status: "checkin" | "checkout"; scent: string };

/** Leaves in a data folder what there would be, before the kit is started with it. */
export async function leavePast(dataDir: string, secrets: Secrets): Promise<void> {
  await registerPods(dataDir, secrets);
  await useCapsules(dataDir);
  await keepBooks(dataDir, secrets.erpApiKey);
}

async function registerPods(dataDir: string, secrets: Secrets): Promise<void> {
  const store = openDeviceDbStore(join(dataDir, "device-db.sqlite"), createLog("silent"));
  for (const { serial, room } of [...POD_ROOMS, FORGOTTEN]) {
    const password = secrets.devices[serial] ?? newSecret();
    addDeviceSecrets(dataDir, { [serial]: password });
    await store.registry.add({ serial, room, timeZone: TIME_ZONE, simulated: true }, hashSecret(password));
  }
  await store.close();
}

async function useCapsules(dataDir: string): Promise<void> {
  const store = openPodStore(join(dataDir, "device-sim.sqlite"));
  const rooms = [...POD_ROOMS, FORGOTTEN];
  await store.register(
    rooms.map(({ serial }) => serial),
    Date.now(),
  );
  for (const { serial, capsules } of rooms)
    await store.change(
      serial,
      (pod) => ({ pod: { ...pod, capsules }, events: [] }),
      () => [],
    );
  await store.close();
}

/** The ERP hears at their times of what its devices did from the last whole month on. */
async function keepBooks(dataDir: string, apiKey: string): Promise<void> {
  const clock = manualClock();
  const setClock = (at: Temporal.ZonedDateTime) => clock.shift(at.epochMilliseconds - clock.now());
  const now = Temporal.Now.zonedDateTimeISO(TIME_ZONE);
  const first = now.subtract({ months: 1 }).with({ day: 1 }).startOfDay();
  setClock(first);
  const config = { host: HOST, port: 0, dataDir, mode: "safe", seed: "demo", apiKey, faults: false } as const;
  const erp = await startErp({ ...config, allow: [HOST] }, { clock, log: createLog("silent") });
  const address = { url: erp.url, apiKey };
  const body = masterData(first.toInstant().toString());
  await askKit({ url: `${erp.url}/api/master-data`, key: apiKey, method: "POST", body });
  for (const { at, ...call } of stays(first, now)) {
    setClock(at);
    await callSwitch(address, call);
  }
  await erp.close();
}

function masterData(installed_at: string) {
  const rooms = [...POD_ROOMS.slice(1), ...OTHER_ROOMS];
  return {
    rooms: rooms.map(({ room }) => ({ ...HOTEL, name: room })),
    devices: rooms.map(({ serial }) => ({ serial, device_type: DEVICE_TYPE })),
    device_setups: rooms.map(({ serial, room }) => ({ serial, ...HOTEL, room, installed_at })),
  };
}

/** Guests come in the afternoon, and some forget to check out. */
function stays(first: Temporal.ZonedDateTime, now: Temporal.ZonedDateTime): Moment[] {
  const random = seededRandom(SEED);
  const length = first.until(now, { largestUnit: "days" }).days + 1;
  const days = Array.from({ length }, (_, at) => first.add({ days: at }));
  const moments = days.flatMap((day) => [...POD_ROOMS, ...OTHER_ROOMS].flatMap(({ serial }) => stay(day, serial)));

  function stay(day: Temporal.ZonedDateTime, serial: string): Moment[] {
    const [wants, minute, minutes, closes, pick] = [random(), random(), random(), random(), random()];
    if (wants > SHARE_WHO_WANT_A_SCENT) return [];
    const scent = SCENTS[Math.floor(pick * SCENTS.length)] ?? "wood";
    const checkin = day.add({ minutes: Math.floor((14 + minute * 8) * 60) });
    const checkout = checkin.add({ minutes: Math.floor((0.7 + minutes * 7) * 60) });
    const opened: Moment = { at: checkin, serial, status: "checkin", scent };
    return closes < SHARE_WITHOUT_CHECKOUT ? [opened] : [opened, { ...opened, at: checkout, status: "checkout" }];
  }

  return moments
    .filter(({ at }) => Temporal.ZonedDateTime.compare(at, now) < 0)
    .sort((a, b) => Temporal.ZonedDateTime.compare(a.at, b.at));
}
