import { createServer } from "node:http";
import { Client } from "undici";
import { describe, expect, test } from "vitest";
import { BEGINS_PER_ADDRESS, BEGINS_PER_POD } from "../../bot/begin-limits.ts";
import { listen } from "../../plumbing/listen.ts";
import { WINDOW_MS } from "../../plumbing/windows.ts";
import { createGuest } from "../../scripts/guest.ts";
import { manualClock } from "../support/clock.ts";
import { openGuestBot } from "../support/guest-bot.ts";

const AT_ONCE = 16;
const WOOD = new URLSearchParams({ choice: "wood" }).toString();
const FORM = { "content-type": "application/x-www-form-urlencoded" };

type Headers = Record<string, string>;

/** The bot with a clock of the test's, and guests who come from an address. */
async function openBot(publicUrl?: string) {
  await using opening = new AsyncDisposableStack();
  const clock = manualClock();
  const bot = opening.use(await openGuestBot({ clock, ...(publicUrl && { publicUrl }) }));
  const clients = new Map<string, Client>();
  opening.defer(async () => {
    await Promise.all([...clients.values()].map((client) => client.close()));
  });
  const clientAt = (localAddress: string) =>
    clients.getOrInsertComputed(localAddress, () => new Client(bot.url, { localAddress, pipelining: AT_ONCE }));

  /** Posts to what is below the launch link. */
  async function post(
    path: string,
    {
      link = bot.launchUrl,
      from = "127.0.0.1",
      headers = {},
    }: { link?: string; from?: string; headers?: Headers } = {},
  ) {
    const body = path === "/answer" ? WOOD : null;
    const request = { method: "POST", path: new URL(link).pathname + path, headers, body } as const;
    const answer = await clientAt(from).request(request);
    const wait = Number(answer.headers["retry-after"] ?? 0);
    return { status: answer.statusCode, wait, cookie: answer.headers["set-cookie"], text: await answer.body.text() };
  }

  /** So many tokens; resolves with the answers' statuses. */
  async function take(count: number, at: Parameters<typeof post>[1] = {}): Promise<Set<number>> {
    const statuses = new Set<number>();
    for (let left = count; left > 0; left -= AT_ONCE) {
      const batch = Array.from({ length: Math.min(left, AT_ONCE) }, () => post("/token", at));
      for (const { status } of await Promise.all(batch)) statuses.add(status);
    }
    return statuses;
  }

  const owned = opening.move();
  return { ...bot, clock, post, take, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const ok = new Set([200]);
const tooMany = { status: 429, wait: 60 };

describe("of one pod", () => {
  test("300 sessions begin a minute, by tokens and by forms together, and as many in the next", async () => {
    await using bot = await openBot();
    expect(await bot.take(BEGINS_PER_POD - 1)).toEqual(ok);
    expect(await bot.post("/answer", { headers: FORM })).toMatchObject({ status: 303 });
    expect(await bot.post("/token")).toMatchObject(tooMany);
    expect(await bot.post("/answer", { headers: FORM })).toMatchObject(tooMany);

    bot.clock.advance(WINDOW_MS - 1);
    expect(await bot.post("/token")).toMatchObject({ status: 429, wait: 1 });
    bot.clock.advance(1);
    expect(await bot.take(BEGINS_PER_POD)).toEqual(ok);
    expect(await bot.post("/token")).toMatchObject(tooMany);
  });

  test("looking, a session that has begun, and other pods go on when it has had its number", async () => {
    await using bot = await openBot();
    const begun = await bot.post("/token");
    const { token } = JSON.parse(begun.text) as { token: string };
    const headers = { cookie: String(begun.cookie).split(";")[0] ?? "" };
    await bot.take(BEGINS_PER_POD - 1);
    expect(await bot.post("/token")).toMatchObject(tooMany);

    expect((await fetch(bot.launchUrl)).status).toBe(200);
    const authorization = `Bearer ${token}`;
    const start = { method: "POST", headers: { authorization } };
    expect((await fetch(`${bot.url}/v3/directline/conversations`, start)).status).toBe(201);
    expect(await bot.post("/token", { headers })).toMatchObject({ status: 200 });
    expect(await bot.post("/answer", { headers: { ...FORM, ...headers } })).toMatchObject({ status: 303 });
    expect(await bot.post("/token", { link: await bot.registers("HKAP0100000002") })).toMatchObject({ status: 200 });
  });
});

/** Fills an address with guests of as many pods as it takes; resolves with the link of a pod that nobody used. */
async function fill(bot: Awaited<ReturnType<typeof openBot>>, headers: Headers = {}): Promise<string> {
  for (let pod = 0; pod < BEGINS_PER_ADDRESS / BEGINS_PER_POD; pod++) {
    const link = await bot.registers(`dev-${String(1_000 + pod)}`);
    expect(await bot.take(BEGINS_PER_POD, { link, headers })).toEqual(ok);
  }
  return bot.registers("dev-2000");
}

describe("of one address", () => {
  test("3,000 sessions begin a minute, whatever it says of itself; others are not held up", async () => {
    await using bot = await openBot();
    const link = await fill(bot);
    const headers = { "x-forwarded-for": "198.51.100.7" };
    expect(await bot.post("/token", { link, headers })).toMatchObject(tooMany);
    expect(await bot.post("/token", { link, from: "127.0.0.2" })).toMatchObject({ status: 200 });
    bot.clock.advance(WINDOW_MS);
    expect(await bot.post("/token", { link })).toMatchObject({ status: 200 });
  });

  test("behind a proxy the address is the one that the proxy saw", async () => {
    await using bot = await openBot("https://rooms.example");
    const link = await fill(bot, { "x-forwarded-for": "198.51.100.7" });
    const claiming = { "x-forwarded-for": "203.0.113.1, 198.51.100.7" };
    expect(await bot.post("/token", { link, headers: claiming })).toMatchObject(tooMany);
    const another = { "x-forwarded-for": "198.51.100.7, 203.0.113.1" };
    expect(await bot.post("/token", { link, headers: another })).toMatchObject({ status: 200 });
  });
});

describe("the guest of the proof", () => {
  test("waits as long as it is told, and begins", async () => {
    await using bot = await openBot();
    await bot.take(BEGINS_PER_POD);
    bot.clock.advance(WINDOW_MS - 1_000);
    const waits: number[] = [];
    const guest = createGuest(bot.launchUrl, (seconds) => {
      waits.push(seconds);
      bot.clock.advance(1_000);
    });
    const startedAt = performance.now();
    expect(await guest.begin()).toMatch(/^[\w-]{36}$/);
    expect(waits).toEqual([1]);
    expect(performance.now() - startedAt).toBeGreaterThan(900);
  });

  test.for([[{ "retry-after": "181" }], [{}], [{ "retry-after": "soon" }]] as [Headers][])(
    "does not wait longer than three minutes, nor for an unknown time: %j",
    async ([headers]) => {
      const server = createServer((_, res) => {
        res.writeHead(429, headers);
        res.end("Too many.");
      });
      const port = await listen(server, { host: "127.0.0.1", port: 0, setting: "" });
      try {
        const guest = createGuest(`http://127.0.0.1:${String(port)}/r/link`, () => expect.unreachable());
        await expect(guest.begin()).rejects.toThrow("POST /r/link/token answered 429: Too many.");
      } finally {
        server.closeAllConnections();
        server.close();
      }
    },
  );
});
