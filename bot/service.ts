/**
 * The bot: launch links, the guest's page, the bundled Direct Line, Bot Framework's channels, sessions and the commands
 * that they end in. It never calls the ERP and never waits for it.
 */
import { join } from "node:path";
import type { SessionNotice } from "../device-db/contract.ts";
import { type Clock, isoTime } from "../plumbing/clock.ts";
import { healthRoutes } from "../plumbing/health.ts";
import { type HttpOptions, type Route, startHttp } from "../plumbing/http.ts";
import { problem } from "../plumbing/http-reply.ts";
import type { Log } from "../plumbing/log.ts";
import { createChannelSessions } from "./channel-sessions.ts";
import { startCommands } from "./commands.ts";
import type { BotConfig } from "./config.ts";
import { connectDevices } from "./device-link.ts";
import { directLine, formatDirectLineError, isDirectLinePath } from "./direct-line.ts";
import { createGuestCookies } from "./guest-cookie.ts";
import { guestRoutes } from "./guest-routes.ts";
import { createLinks } from "./launch.ts";
import { operatorRoutes } from "./operator-routes.ts";
import type { Session, SessionChange } from "./session-store.ts";
import { openBotStore } from "./store.ts";
import { createStreams } from "./stream.ts";
import { createTokens } from "./token.ts";
import { createTurns } from "./turns.ts";

const COMMAND_STEP = { accepted: "confirmed", rejected: "rejected", expired: "expired" } as const;

export async function startBot(config: BotConfig, deps: { clock: Clock; log: Log }) {
  const { clock } = deps;
  const log = deps.log.child({ service: "bot" });
  await using opening = new AsyncDisposableStack();
  const store = opening.adopt(openBotStore(join(config.dataDir, "bot.sqlite")), (open) => open.close());
  const streams = opening.adopt(createStreams(), (open) => open.close());
  const devices = opening.adopt(connectDevices(config.mqtt, log), (connection) => connection.close());
  const tokens = await createTokens(config.tokenKey);
  const links = createLinks(config.qrKey, devices);

  function tell(serial: string, notice: Omit<SessionNotice, "at">): void {
    // Behind the command that leaves in the same turn: nobody waits for a notice.
    setImmediate(() => devices.notice(serial, { ...notice, at: isoTime(clock.now()) }));
  }

  const commands = opening.adopt(
    startCommands({
      store: store.sessions,
      publish: devices.sendCommand,
      onSettled: ({ serial, sessionId }, state, reason) => {
        if (state !== "pending") tell(serial, { sessionId, step: COMMAND_STEP[state], ...(reason ? { reason } : {}) });
        log.info({ serial, sessionId, reason }, `command ${state}`);
      },
      clock,
      log,
    }),
    (open) => open.close(),
  );
  devices.onReply(commands.replied);
  devices.onConnect(commands.sendAllAgain);

  function onChange({ id, serial }: Session, change: SessionChange): void {
    if (change.to === "asked") {
      tell(serial, { sessionId: id, step: "started" });
      tell(serial, { sessionId: id, step: "asked" });
      return;
    }
    const { answer, scent, command } = change;
    commands.send(command);
    const told = { sessionId: id, answer: answer.slice(0, 200), scent, commandId: command.id };
    tell(serial, { ...told, step: "answered" });
    tell(serial, { ...told, step: "ended" });
    log.info({ serial, sessionId: id, scent }, "session ended");
  }

  const bot = lazily(async () => (await import("./local-adapter.ts")).createLocalBot());
  const turns = createTurns({ store, bot, onActivities: streams.send, onChange, clock });
  const channelSessions = createChannelSessions({ store: store.sessions, resolve: links.device, onChange, clock });
  const messages = lazily(async () => {
    const { channelMessages } = await import("./channel-messages.ts");
    return channelMessages({
      app: config.microsoftApp,
      isPublic: config.publicUrl !== undefined,
      sessions: channelSessions,
      log,
    });
  });

  const chat = directLine({ store, tokens, turns, streams, publicUrl: config.publicUrl });
  const cookies = createGuestCookies(config.tokenKey, config.publicUrl);
  const guests: Route[] = [
    ...guestRoutes({ store, tokens, turns, cookies, resolve: links.resolve, podState: devices.podState }),
    ...chat.routes,
  ];
  const health = healthRoutes({
    checks: { broker: devices.connected, registry: devices.knowsDevices },
    metrics: () =>
      store.sessions
        .countByState()
        .map(({ state, number }) => ({
          name: "bot_sessions",
          help: "Sessions by state.",
          labels: { state },
          value: number,
        })),
  });
  const operators = operatorRoutes({ sessions: store.sessions, operatorKey: config.operatorKey, launchUrl });
  const channel: Route = {
    method: "POST",
    path: "/api/messages",
    handle: async (request) => (await messages())(request),
  };

  const edge: Omit<HttpOptions, "host" | "port" | "routes"> = {
    portSetting: "BOT_PORT",
    log,
    publicHosts: [config.publicUrl ? new URL(config.publicUrl).hostname : [], config.lanHost ?? []].flat(),
    formatError: (error, path) => (isDirectLinePath(path) ? formatDirectLineError(error) : problem(error)),
    onUpgrade: chat.onUpgrade,
  };
  const local = await startHttp({
    ...edge,
    host: config.host,
    port: config.port,
    routes: [...guests, ...health, ...operators, channel],
  });
  opening.adopt(local, (server) => server.close());
  if (config.lanHost) {
    // Guests' phones reach the chat here, and nothing else of this machine.
    const routes = [...guests, ...health.filter(({ path }) => path === "/livez")];
    opening.adopt(await startHttp({ ...edge, host: config.lanHost, port: local.port, routes }), (server) =>
      server.close(),
    );
  }

  function launchUrl(serial: string): string | undefined {
    const link = links.make(serial);
    const origin = config.publicUrl ?? `http://${config.lanHost ?? config.host}:${String(local.port)}`;
    return link && `${origin}/r/${link}`;
  }

  // Bot Framework takes half a second to load; nobody has to wait for that but the first guest of a cold start.
  setTimeout(() => bot().catch((err: unknown) => log.error({ err }, "bot not loaded")), 500).unref();
  const owned = opening.move();
  return {
    url: local.url,
    ready: () => devices.connected() && devices.knowsDevices(),
    launchUrl,
    close: () => owned.disposeAsync(),
  };
}

function lazily<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => (loaded ??= load());
}
