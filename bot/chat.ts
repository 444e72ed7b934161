import type { Clock } from "../plumbing/clock.ts";
import type { Route } from "../plumbing/http.ts";
import { lazily } from "../plumbing/lazily.ts";
import type { Log } from "../plumbing/log.ts";
import type { Assets } from "./assets.ts";
import { createBeginLimits } from "./begin-limits.ts";
import { createChannelSessions } from "./channel-sessions.ts";
import type { BotConfig } from "./config.ts";
import type { DeviceLink } from "./device-link.ts";
import { directLineRoutes } from "./direct-line.ts";
import { directLineUpgrade } from "./direct-line-stream.ts";
import { createGuestCookies } from "./guest-cookie.ts";
import { guestRoutes } from "./guest-routes.ts";
import type { Links } from "./launch.ts";
import { createOrigins } from "./origins.ts";
import type { IdleTimes, Session, SessionChange } from "./session.ts";
import type { BotStore } from "./store.ts";
import type { Streams } from "./stream.ts";
import { createTokens } from "./token.ts";
import { createTurns } from "./turns.ts";

type Parts = {
  config: BotConfig;
  assets: Assets;
  store: BotStore;
  streams: Streams;
  devices: DeviceLink;
  links: Links;
  onChange: (session: Session, change: SessionChange) => void;
  idle: IdleTimes;
  clock: Clock;
  log: Log;
};

/** The conversation on its two ways in: the guest's page with the bundled Direct Line, and Bot Framework's channels. */
export async function createChat(parts: Parts) {
  const { config, assets, store, streams, devices, links, onChange, idle, clock, log } = parts;
  const { tokenKey, directLineSecret, publicUrl, microsoftApp } = config;
  const tokens = await createTokens(tokenKey);
  const loadBot = lazily(async () => (await import("./local-adapter.ts")).createLocalBot());
  const turns = createTurns({
    store,
    bot: loadBot,
    resolve: links.device,
    onActivities: streams.send,
    onChange,
    idle,
    clock,
    log,
  });
  const origins = createOrigins(config.origins, publicUrl);
  const directLine = { store, tokens, turns, streams, origins, check: links.check, directLineSecret, publicUrl };
  const cookies = createGuestCookies(tokenKey, publicUrl);
  const page = {
    assets,
    store,
    tokens,
    turns,
    cookies,
    origins,
    limits: createBeginLimits(clock),
    resolve: links.resolve,
    pod: { state: devices.podState, diffusing: devices.podDiffuses },
    behindProxy: publicUrl !== undefined,
  };

  const sessions = createChannelSessions({ store: store.sessions, resolve: links.device, onChange, idle, clock });
  const loadChannels = lazily(async () => {
    const { channelMessages } = await import("./channel-messages.ts");
    return channelMessages({ app: microsoftApp, isPublic: publicUrl !== undefined, sessions, clock, log });
  });
  const channelRoute: Route = {
    method: "POST",
    path: "/api/messages",
    handle: async (request) => (await loadChannels())(request),
  };
  return {
    guestRoutes: [...guestRoutes(page), ...directLineRoutes(directLine)],
    channelRoute,
    onUpgrade: directLineUpgrade(directLine),
    turns,
    loadBot,
  };
}
