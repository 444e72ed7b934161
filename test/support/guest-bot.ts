import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { BotConfig } from "../../bot/config.ts";
import { makeLink } from "../../bot/link.ts";
import { startBot } from "../../bot/service.ts";
import { type Device, deviceTopic, type SessionNotice, sessionTopic } from "../../device-db/contract.ts";
import { type Command, podTopic, type Reply, type Scent } from "../../device-sim/contract.ts";
import { type Clock, systemClock } from "../../plumbing/clock.ts";
import { createLog } from "../../plumbing/log.ts";
import { SERIAL } from "./devices.ts";
import { eventually } from "./eventually.ts";
import { openListener } from "./pod-system.ts";

const DEVICE: Device = { serial: SERIAL, room: "Room 101", timeZone: "Etc/UTC", keyVersion: 1, enabled: true };

const QR_KEY = "key of the cards";

type Options = Partial<Pick<BotConfig, "port" | "publicUrl">> & { clock?: Clock; isRegistryAway?: boolean };

/** The bot alone, with a broker at which the test says what the registry and the pod would. */
export async function openGuestBot(options: Options = {}) {
  const { clock = systemClock, port = 0, publicUrl, isRegistryAway = false } = options;
  await using opening = new AsyncDisposableStack();
  const broker = opening.use(await openListener());
  const dataDir = await mkdtemp(join(tmpdir(), "guest-bot-"));
  opening.defer(() => rm(dataDir, { recursive: true, force: true }));
  const config: BotConfig = {
    host: "127.0.0.1",
    port,
    lanHost: undefined,
    dataDir,
    mqtt: { url: broker.url, clientId: "bot", username: "bot", password: "" },
    qrKey: QR_KEY,
    tokenKey: "key of the tokens",
    directLineSecret: "secret",
    operatorKey: "key of the operator",
    publicUrl,
    origins: [],
    idleS: 300,
    microsoftApp: {},
  };
  const bot = opening.adopt(await startBot(config, { clock, log: createLog("silent") }), (open) => open.close());
  const launchUrl = (device: Device) => `${publicUrl ?? bot.url}/r/${makeLink(QR_KEY, device)}`;
  const at = () => new Date().toISOString();
  const answered = new Set<string>();
  const open = () =>
    broker.heard
      .filter(({ topic }) => topic === podTopic(SERIAL, "down/command"))
      .map(({ payload }) => (payload as Command).id)
      .filter((id) => !answered.has(id));

  const pod = {
    is: (state: "online" | "offline" | "lost") =>
      broker.publish(podTopic(SERIAL, "up/status"), { state, firmware: "test", at: at() }),
    diffuses: (diffusing: Scent) => broker.publish(podTopic(SERIAL, "up/state"), { diffusing, at: at() }),
    /** Waits for a command and answers it. */
    replies: async (outcome: Reply["outcome"]): Promise<void> => {
      await eventually(() => expect(open()).not.toEqual([]));
      for (const commandId of open()) {
        answered.add(commandId);
        broker.publish(podTopic(SERIAL, "up/reply"), { commandId, outcome, at: at() });
      }
    },
  };
  await eventually(() => {
    if (isRegistryAway) return;
    broker.publish(deviceTopic(SERIAL), DEVICE);
    expect(bot.ready()).toBe(true);
  });
  pod.is("online");
  const owned = opening.move();
  return {
    url: bot.url,
    launchUrl: launchUrl(DEVICE),
    /** The launch link of one more device, from when the bot knows it. */
    registers: async (serial: string, room = DEVICE.room): Promise<string> => {
      const device = { ...DEVICE, serial, room };
      broker.publish(deviceTopic(serial), device);
      const { pathname } = new URL(launchUrl(device));
      await eventually(async () => expect((await fetch(bot.url + pathname)).status).toBe(200));
      return launchUrl(device);
    },
    pod,
    /** What the live flow has been told of sessions. */
    steps: () =>
      broker.heard
        .filter(({ topic }) => topic === sessionTopic(SERIAL))
        .map(({ payload }) => (payload as SessionNotice).step),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
