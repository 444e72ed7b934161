import { randomUUIDv7 } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { directLineRoutes } from "../../bot/direct-line.ts";
import { formatDirectLineError } from "../../bot/direct-line-error.ts";
import { directLineUpgrade } from "../../bot/direct-line-stream.ts";
import { createLocalBot } from "../../bot/local-adapter.ts";
import { createOrigins } from "../../bot/origins.ts";
import { idleTimes } from "../../bot/session.ts";
import { openBotStore } from "../../bot/store.ts";
import { createStreams } from "../../bot/stream.ts";
import { createTokens } from "../../bot/token.ts";
import { createTurns } from "../../bot/turns.ts";
import { systemClock } from "../../plumbing/clock.ts";
import { startHttp } from "../../plumbing/http.ts";
import { createLog } from "../../plumbing/log.ts";
import { newSecret } from "../../plumbing/secret.ts";
import { SERIAL } from "../support/devices.ts";
import { directLineAt } from "../support/direct-line-api.ts";
import { beginConversation } from "./world.ts";

/** The link of the one card there is. */
export const LINK = "the-card-of-room-1";
const DEVICE = { serial: SERIAL, room: "1", timeZone: "Etc/UTC", keyVersion: 1, enabled: true };

type Faults = {
  /** The bot breaks down when it hears these for the first time, after it has said and decided everything. */
  throwsAt?: string[];
  /** How long streams stay open after the end. */
  lingerMs?: number;
};

type Bot = ReturnType<typeof createLocalBot>;

/** Direct Line and nothing else, at a server of its own: with a bot that can break down, and an end that comes soon. */
export async function openChannel({ throwsAt = [], lingerMs = 30_000 }: Faults) {
  await using opening = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "aromapod-channel-"));
  opening.defer(() => rm(folder, { recursive: true, force: true }));
  const store = opening.adopt(openBotStore(join(folder, "bot.sqlite")), (open) => open.close());
  const streams = createStreams({ lingerMs });
  const tokens = await createTokens(newSecret());
  const log = createLog("silent");

  const soundBot = createLocalBot();
  const faults = new Set(throwsAt);
  const bot: Bot = async (open, activity, cue) => {
    await soundBot(open, activity, cue);
    if (faults.delete(activity.text ?? "")) throw new Error("broken down");
  };
  const turns = createTurns({
    store,
    bot: async () => bot,
    resolve: (link) => (link === LINK ? DEVICE : undefined),
    onActivities: streams.send,
    onChange: () => undefined,
    idle: idleTimes(300),
    clock: systemClock,
    log,
  });
  const origins = createOrigins([], undefined);
  const device = { serial: SERIAL, room: "Room 101", timeZone: "Etc/UTC", keyVersion: 1, enabled: true };
  const check = () => device;
  const parts = { store, tokens, turns, streams, origins, check, directLineSecret: newSecret(), publicUrl: undefined };
  const http = await startHttp({
    host: "127.0.0.1",
    port: 0,
    portSetting: "port",
    log,
    routes: [...directLineRoutes(parts), { method: "GET", path: "/livez", handle: () => ok() }],
    onUpgrade: directLineUpgrade(parts),
    formatError: formatDirectLineError,
  });
  opening.defer(http.close);
  opening.defer(streams.close);
  const api = directLineAt(http.url);
  const owned = opening.move();

  /** A token as one of a launch link: its conversation is a session. */
  async function issue(pod: { serial?: string } = DEVICE) {
    const { serial } = pod;
    const granted = await tokens.grant({ conversationId: randomUUIDv7(), userId: "dl_guest", serial });
    if (!granted) throw new Error("A new conversation is not too old.");
    return granted;
  }

  return {
    url: http.url,
    api,
    store,
    issue,
    begin: async () => beginConversation(api, await issue()),
    /** As with a token of the secret. */
    beginWithoutPod: async () => beginConversation(api, await issue({})),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function ok() {
  return { status: 200, headers: { "content-type": "text/plain" }, body: "ok" };
}
