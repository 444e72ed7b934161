import { randomUUIDv7 } from "node:crypto";
import { join } from "node:path";
import { newCommand } from "../../bot/commands.ts";
import { connectDevices } from "../../bot/device-link.ts";
import { idleTimes, newSession, type SessionChange, sessionOf } from "../../bot/session.ts";
import { startSessionFlow } from "../../bot/session-flow.ts";
import { openBotStore } from "../../bot/store.ts";
import { startDeviceSim } from "../../device-sim/service.ts";
import { systemClock } from "../../plumbing/clock.ts";
import { createLog } from "../../plumbing/log.ts";
import { startDeviceDbPart, startErpPart } from "../../scripts/parts.ts";
import { makeSecrets } from "../../scripts/secrets.ts";
import { addDevices, countUsages, layGround, until } from "./ground.ts";
import { connectGuest } from "./guest.ts";
import { type Side, serialOfPod } from "./side.ts";

const log = createLog("silent");
const clock = systemClock;
const SCENT = "wood";
const IDLE = idleTimes(300);

/**
 * The kit from the command on: ERP, device database with its broker and a simulator with all pods, as `npm start` runs
 * them in one process, and of the bot what makes and follows commands. There is no chat.
 */
export async function startKitFlows(dir: string, pods: number): Promise<Side> {
  await using opening = new AsyncDisposableStack();
  const own = <T extends { close: () => Promise<void> }>(part: T): T => opening.adopt(part, (open) => open.close());
  const { serials, settings } = await layGround(dir, pods);
  const serial = serialOfPod(0);
  const secrets = makeSecrets(dir, serial);
  const ground = { settings, secrets, log };
  const erp = own(await startErpPart(ground));
  const deviceDb = own(await startDeviceDbPart(ground, { erpUrl: erp.url, serial }));
  const operator = connectGuest(deviceDb.url);
  const added = await addDevices(operator, secrets.operatorKey, serials.slice(1));
  await operator.close();
  const simulated = [{ serial, password: secrets.devices[serial] ?? "" }, ...added];
  const config = {
    host: "127.0.0.1",
    port: 0,
    dataDir: dir,
    mqttUrl: deviceDb.mqttUrl,
    pods: simulated,
    operatorKey: secrets.operatorKey,
    timeZone: "Asia/Hong_Kong",
    speed: 1,
  };
  const simulator = own(await startDeviceSim(config, { clock, log }));

  const account = { url: deviceDb.mqttUrl, clientId: "bot", username: "bot", password: secrets.mqtt.bot };
  const desk = own(startDesk(join(dir, "bot.sqlite"), account));
  await until(async () => simulator.ready() && desk.ready());
  const owned = opening.move();

  return {
    begin: (pod) => desk.begin(serialOfPod(pod)),
    countUsages: () => countUsages(erp.url, secrets.erpApiKey),
    close: () => owned.disposeAsync(),
  };
}

/** The bot's store, its connection to the broker and what follows from a session's change. */
function startDesk(file: string, account: Parameters<typeof connectDevices>[0]) {
  const store = openBotStore(file);
  const devices = connectDevices(account, log);
  const flow = startSessionFlow({ store: store.sessions, devices, clock, log });

  return {
    ready: () => devices.connected() && devices.knowsDevices(),

    /** A session that was asked; the result ends it, with the command in the same commit, and sends the command. */
    async begin(serial: string): Promise<() => Promise<void>> {
      const id = randomUUIDv7();
      const who = { id, serial, channel: "bench", conversation: id, userId: "guest", locale: "en" };
      const begun = newSession(who, clock.now(), IDLE);
      await store.sessions.begin(begun);
      await store.sessions.change(id, { to: "asked" });

      return async () => {
        const at = clock.now();
        const command = newCommand(begun, SCENT, at);
        const change: SessionChange = { to: "ended", answer: SCENT, scent: SCENT, at, command };
        if (!(await store.sessions.change(id, change))) throw new Error(`The session ${id} was over.`);
        flow.onChange(sessionOf(begun), change);
      };
    },

    async close(): Promise<void> {
      flow.close();
      await devices.close();
      await store.close();
    },
  };
}
