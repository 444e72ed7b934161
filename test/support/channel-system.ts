import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { channelMessages } from "../../bot/channel-messages.ts";
import { createChannelSessions } from "../../bot/channel-sessions.ts";
import type { MicrosoftApp } from "../../bot/config.ts";
import { idleTimes, type SessionChange } from "../../bot/session.ts";
import { openBotStore } from "../../bot/store.ts";
import { startSweeper } from "../../bot/sweeper.ts";
import { type Clock, systemClock } from "../../plumbing/clock.ts";
import { startHttp } from "../../plumbing/http.ts";
import { post } from "./chat-guest.ts";
import { SERIAL } from "./devices.ts";

/** The link of the one card there is. */
export const LINK = "the-card-of-room-1";

type Options = { app?: MicrosoftApp; isPublic?: boolean; clock?: Clock };

/** `POST /api/messages` alone, with sessions on a store of its own. What the bot logs is kept. */
export async function openChannelSystem({ app = {}, isPublic = false, clock = systemClock }: Options = {}) {
  await using opening = new AsyncDisposableStack();
  const logged: string[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => logged.push(line) });
  const dir = await mkdtemp(join(tmpdir(), "channels-"));
  opening.defer(() => rm(dir, { recursive: true, force: true }));
  const store = opening.adopt(openBotStore(join(dir, "bot.sqlite")), (open) => open.close());
  const device = { serial: SERIAL, room: "1", timeZone: "Etc/UTC", keyVersion: 1, enabled: true };
  const resolve = (link: string) => (link === LINK ? device : undefined);
  const changes: string[] = [];
  const onChange = (_session: unknown, { to }: SessionChange) => void changes.push(to);
  const idle = idleTimes(300);
  const sessions = createChannelSessions({ store: store.sessions, resolve, onChange, idle, clock });
  const handle = channelMessages({ app, isPublic, sessions, clock, log });
  const http = await startHttp({
    host: "127.0.0.1",
    port: 0,
    portSetting: "BOT_PORT",
    log,
    routes: [{ method: "POST", path: "/api/messages", handle }],
  });
  opening.defer(http.close);
  const url = `${http.url}/api/messages`;
  const owned = opening.move();
  return {
    url,
    send: (body: unknown, headers: Record<string, string> = {}) => fetch(url, post(body, headers)),
    store,
    logged,
    /** What the live flow would be told. */
    changes,
    /** Looks after sessions that nobody answers, as the bot does. */
    sweep() {
      const sweeper = startSweeper({ store, turns: {} as never, onChange, idle, clock, log });
      owned.adopt(sweeper, (open) => open.close());
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
