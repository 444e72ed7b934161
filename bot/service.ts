/**
 * The bot: launch links, the guest's page, the bundled Direct Line, Bot Framework's channels, sessions and the commands
 * that they end in. It never calls the ERP and never waits for it.
 */
import { join } from "node:path";
import type { Clock } from "../plumbing/clock.ts";
import { healthRoutes } from "../plumbing/health.ts";
import { type HttpOptions, type Route, startHttp } from "../plumbing/http.ts";
import { problem } from "../plumbing/http-reply.ts";
import type { Log } from "../plumbing/log.ts";
import { countRequests, type RequestCounts } from "../plumbing/request-counts.ts";
import { type Assets, readAssets } from "./assets.ts";
import { createChat } from "./chat.ts";
import type { BotConfig } from "./config.ts";
import { connectDevices, type DeviceLink } from "./device-link.ts";
import { isDirectLinePath } from "./direct-line.ts";
import { formatDirectLineError } from "./direct-line-error.ts";
import { badLinkReply } from "./guest-routes.ts";
import { createLinks } from "./launch.ts";
import { operatorRoutes } from "./operator-routes.ts";
import { idleTimes } from "./session.ts";
import { startSessionFlow } from "./session-flow.ts";
import { type BotStore, openBotStore } from "./store.ts";
import { createStreams } from "./stream.ts";
import { startSweeper } from "./sweeper.ts";

/** Bot Framework takes half a second to load. The listeners come first; the first guest of a cold start may wait. */
const LOAD_BOT_AFTER_MS = 500;
const GUEST_PAGE = /^\/r\/[^/]*(\/answer)?$/;

export async function startBot(config: BotConfig, deps: { clock: Clock; log: Log }) {
  const { clock } = deps;
  const log = deps.log.child({ service: "bot" });
  await using opening = new AsyncDisposableStack();
  const store = opening.adopt(openBotStore(join(config.dataDir, "bot.sqlite")), (open) => open.close());
  const streams = opening.adopt(createStreams(), (open) => open.close());
  const devices = opening.adopt(connectDevices(config.mqtt, log), (connection) => connection.close());
  const flow = opening.adopt(startSessionFlow({ store: store.sessions, devices, clock, log }), (open) => open.close());
  const links = createLinks(config.qrKey, devices);
  const assets = readAssets();
  const { onChange } = flow;
  const idle = idleTimes(config.idleS);
  const chat = await createChat({ config, assets, store, streams, devices, links, onChange, idle, clock, log });
  const sweeping = { store, turns: chat.turns, onChange, idle, clock, log };
  opening.adopt(startSweeper(sweeping), (sweeper) => sweeper.close());
  const operators = operatorRoutes({ store, operatorKey: config.operatorKey, device: devices.device, launchUrl });
  const requests = countRequests();
  const health = healthOf(store, devices, requests);
  const edge = { ...edgeOf(config, assets, log), onUpgrade: chat.onUpgrade, requests };
  const routes = [...chat.guestRoutes, chat.channelRoute, ...operators, ...health];
  const http = await startHttp({ ...edge, host: config.host, port: config.port, routes });
  opening.defer(http.close);
  if (config.lanHost) {
    // Guests' phones reach the chat here, and nothing else of this machine.
    const open = [...chat.guestRoutes, ...health.filter(({ path }) => path === "/livez")];
    opening.defer((await startHttp({ ...edge, host: config.lanHost, port: http.port, routes: open })).close);
  }

  // Listeners end when their connections have, and a stream is a connection: so streams end first.
  opening.defer(streams.close);

  function launchUrl(serial: string): string | undefined {
    const link = links.make(serial);
    const origin = config.publicUrl ?? `http://${config.lanHost ?? config.host}:${String(http.port)}`;
    return link && `${origin}/r/${link}`;
  }

  setTimeout(() => {
    chat.loadBot().catch((err: unknown) => log.error({ err }, "bot not loaded"));
  }, LOAD_BOT_AFTER_MS).unref();
  const owned = opening.move();
  const ready = () => devices.connected() && devices.knowsDevices();
  return { url: http.url, ready, launchUrl, close: () => owned.disposeAsync() };
}

function edgeOf(
  { publicUrl, lanHost }: BotConfig,
  assets: Assets,
  log: Log,
): Omit<HttpOptions, "host" | "port" | "routes"> {
  const publicHosts = [publicUrl && new URL(publicUrl).hostname, lanHost].filter((host) => host !== undefined);
  return {
    portSetting: "BOT_PORT",
    log,
    publicHosts,
    styleHashes: [assets.styleHash],
    isHttps: publicUrl?.startsWith("https:") ?? false,
    formatError(error, path, request) {
      if (isDirectLinePath(path)) return formatDirectLineError(error);
      // A link that is so bad that no route takes it.
      if (error.status === 404 && GUEST_PAGE.test(path)) return badLinkReply(assets, request);
      return problem(error);
    },
  };
}

function healthOf(store: BotStore, devices: DeviceLink, requests: RequestCounts): Route[] {
  return healthRoutes({
    requests,
    checks: { broker: devices.connected, registry: devices.knowsDevices },
    metrics: () =>
      store.sessions.countByState().map(({ state, number }) => ({
        name: "bot_sessions",
        help: "Sessions by state.",
        labels: { state },
        value: number,
      })),
  });
}
