import { createServer, request } from "node:http";
import type { Socket } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import type { StoredActivity } from "../../bot/activity-store.ts";
import { createStreams } from "../../bot/stream.ts";
import { listen } from "../../plumbing/listen.ts";
import { openStream } from "../support/chat-stream.ts";
import { eventually } from "../support/eventually.ts";
import { UPGRADE } from "../support/raw-http.ts";

const PING_EVERY_MS = 25_000;
const PING = Buffer.from([0x89, 0]);
const MB = 1_000_000;
/** In megabytes: what the system itself may hold of a connection, and more. */
const MORE_THAN_BUFFERS = 16;

/** Streams of one conversation, at a server that also answers plain requests. */
async function openStreams(limits: Parameters<typeof createStreams>[0] = {}) {
  const streams = createStreams(limits);
  const server = createServer((_, res) => res.end("ok"));
  server.on("upgrade", (req, socket, head) => {
    const beginning = { replay: () => ({ activities: [], watermark: "0" }), isLast: false };
    streams.open({ request: req, socket, head }, "c", beginning);
  });
  const port = await listen(server, { host: "127.0.0.1", port: 0, setting: "" });
  onTestFinished(() => {
    streams.close();
    server.closeAllConnections();
    server.close();
  });
  let said = 0;
  return {
    url: `ws://127.0.0.1:${String(port)}/`,
    say: (text: string): void => {
      said += 1;
      streams.send(
        "c",
        [{ id: `c|${String(said)}`, type: "message", text, from: { role: "bot" } } as StoredActivity],
        false,
      );
    },
    /** Resolves when the server has read what was on its way before. */
    roundTrip: async () => (await fetch(`http://127.0.0.1:${String(port)}/`)).text(),
  };
}

/** A client that opens its stream and then does nothing by itself: it answers no ping. */
function openSilent(url: string): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const headers = Object.fromEntries(UPGRADE);
  const opening = request(url.replace(/^ws/, "http"), { headers });
  opening.on("upgrade", (_, socket) => {
    socket.on("error", () => socket.destroy());
    onTestFinished(() => void socket.destroy());
    resolve(socket);
  });
  opening.on("error", reject);
  opening.end();
  return promise;
}

test("who answers no ping is cut, and who does stays", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const { url, say, roundTrip } = await openStreams();
  await using alive = openStream(url);
  await alive.opened;
  const silent = await openSilent(url);
  const read: Buffer[] = [];
  silent.on("data", (bytes: Buffer) => read.push(bytes));

  vi.advanceTimersByTime(PING_EVERY_MS);
  say("one");
  await alive.hears(["bot: one"]);
  await eventually(() => expect(Buffer.concat(read).subarray(0, PING.length)).toEqual(PING));
  await roundTrip();
  expect(silent.destroyed).toBe(false);
  vi.advanceTimersByTime(PING_EVERY_MS);
  say("two");
  await alive.hears(["bot: one", "bot: two"]);
  await roundTrip();
  vi.advanceTimersByTime(PING_EVERY_MS);
  say("three");
  await alive.hears(["bot: one", "bot: two", "bot: three"]);
  await eventually(() => expect(silent.destroyed).toBe(true));
  expect(Buffer.concat(read).includes("two")).toBe(false);
});

test("who reads nothing is cut before it fills the memory, and others hear all", async () => {
  const { url, say } = await openStreams();
  await using alive = openStream(url);
  const unread = await openSilent(url);
  await alive.opened;
  unread.pause();
  for (let said = 1; said <= MORE_THAN_BUFFERS; said++) {
    say("x".repeat(MB));
    await eventually(() => expect(alive.watermark()).toBe(String(said)));
  }
  let bytes = 0;
  unread.on("data", ({ length }: Buffer) => {
    bytes += length;
  });
  unread.resume();
  await eventually(() => expect(unread.destroyed).toBe(true));
  expect(bytes).toBeLessThan(MORE_THAN_BUFFERS * MB);
});

test("who sends more than empty frames need is cut, and others are not", async () => {
  const { url, say } = await openStreams();
  await using other = openStream(url);
  await other.opened;
  const talker = new WebSocket(url);
  const closed = new Promise<CloseEvent>((resolve) => talker.addEventListener("close", resolve));
  talker.addEventListener("open", () => talker.send("x".repeat(2_000)));
  expect((await closed).code).toBe(1009);
  say("still here");
  await other.hears(["bot: still here"]);
});

test("when there are as many as there may be, the next one is refused until another has gone", async () => {
  const { url } = await openStreams({ maxStreams: 1 });
  const first = openStream(url);
  await first.opened;
  await using refused = openStream(url);
  expect(await refused.ended).toBe("refused");
  await first[Symbol.asyncDispose]();
  await eventually(async () => {
    await using next = openStream(url);
    expect(await Promise.race([next.opened.then(() => "opened"), next.ended])).toBe("opened");
  });
});
