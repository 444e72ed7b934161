import { randomUUIDv7 } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createLocalBot } from "../../bot/local-adapter.ts";
import type { IdleTimes, SessionChange } from "../../bot/session.ts";
import { idleTimes, LIFE_MS } from "../../bot/session.ts";
import { openBotStore } from "../../bot/store.ts";
import { startSweeper } from "../../bot/sweeper.ts";
import { createTurns } from "../../bot/turns.ts";
import type { Clock } from "../../plumbing/clock.ts";
import { createLog } from "../../plumbing/log.ts";
import { manualClock } from "../support/clock.ts";
import { eventually } from "../support/eventually.ts";

const FIVE_MINUTES = idleTimes(300);
const { idleMs: IDLE_MS, warningMs: WARNING_MS } = FIVE_MINUTES;
const SWEEP_MS = 1_000;
const QUESTION = "Which scent would you like? a) fire, b) wood, c) water, d) air";
const STILL_THERE = "Are you still there? This chat closes soon.";
const CLOSED =
  "There was no answer for a while, so this chat has closed. You are welcome to scan the card again at any time.";
const CARD = { serial: "pod-2", room: "102", timeZone: "Etc/UTC", keyVersion: 1, enabled: true };
const log = createLog("silent");

/** The bot's conversations with their sweeper, on a clock that the test moves. */
async function openBot(idle: IdleTimes = FIVE_MINUTES) {
  const folder = await mkdtemp(join(tmpdir(), "idle-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const manual = manualClock();
  let looks = 0;
  /** The sweeper goes to sleep when it has looked around. */
  const clock: Clock = {
    ...manual,
    sleep: (ms, signal) => {
      looks += 1;
      return manual.sleep(ms, signal);
    },
  };
  async function whenLookedAround(act: () => void | Promise<void>): Promise<void> {
    const before = looks;
    await act();
    await eventually(() => expect(looks).toBeGreaterThan(before));
  }
  const changes: SessionChange["to"][] = [];
  const lastSaid: string[] = [];

  function open() {
    const store = openBotStore(join(folder, "bot.sqlite"));
    const onChange = (_session: unknown, change: SessionChange) => void changes.push(change.to);
    const bot = createLocalBot();
    const turns = createTurns({
      store,
      bot: async () => bot,
      resolve: (link) => (link === CARD.room ? CARD : undefined),
      onActivities: (conversation, _activities, areLast) => void (areLast && lastSaid.push(conversation)),
      onChange,
      idle,
      clock,
      log,
    });
    const sweeper = startSweeper({ store, turns, onChange, idle, clock, log });
    const close = async () => {
      await sweeper.close();
      await store.close();
    };
    return { store, turns, close };
  }

  let parts = open();
  onTestFinished(() => parts.close());
  await eventually(() => expect(looks).toBe(1));
  const id = randomUUIDv7();
  await parts.turns.begin({ id, serial: "pod-1", userId: "dl_guest", locale: "en" });

  return {
    id,
    changes,
    lastSaid,
    store: () => parts.store,
    turns: () => parts.turns,
    state: () => parts.store.sessions.find(id)?.state,
    said: () =>
      parts.store.activities.after(id, 0).map(({ text, type, code }) => text ?? `${type ?? ""} ${code ?? ""}`),
    /** Lets time pass, and the sweeper look at its end. */
    pass: (ms: number) => whenLookedAround(() => manual.advance(ms)),
    restart: (downMs: number) =>
      whenLookedAround(async () => {
        await parts.close();
        manual.advance(downMs);
        parts = open();
      }),
  };
}

test("a session that nobody answers is warned, then closed, and takes no answer any more", async () => {
  const bot = await openBot();
  await bot.pass(IDLE_MS - WARNING_MS - 2 * SWEEP_MS);
  expect(bot.said()).toEqual([QUESTION]);
  await bot.pass(3 * SWEEP_MS);
  await eventually(() => expect(bot.said()).toEqual([QUESTION, STILL_THERE, QUESTION]));
  expect([bot.state(), bot.lastSaid]).toEqual(["asked", []]);

  await bot.pass(WARNING_MS + SWEEP_MS);
  await eventually(() => expect(bot.state()).toBe("abandoned"));
  expect(bot.said()).toEqual([QUESTION, STILL_THERE, QUESTION, CLOSED, "endOfConversation botTimedOut"]);
  expect(bot.lastSaid).toEqual([bot.id]);
  expect(bot.changes).toEqual(["asked", "warned", "abandoned"]);

  expect(await bot.turns().receive(bot.id, { type: "message", text: "b" })).toBe("ended");
  expect(bot.store().sessions.commandOf(bot.id)).toBeUndefined();
});

test("a chat that closes after five seconds is looked at often enough for that", async () => {
  const bot = await openBot(idleTimes(5));
  await bot.pass(3_750);
  expect(bot.said()).toEqual([QUESTION]);
  await bot.pass(250);
  await eventually(() => expect(bot.said()).toEqual([QUESTION, STILL_THERE, QUESTION]));
  await bot.pass(750);
  expect(bot.state()).toBe("asked");
  await bot.pass(250);
  await eventually(() => expect(bot.state()).toBe("abandoned"));
  expect(bot.changes).toEqual(["asked", "warned", "abandoned"]);
});

test("the warning has the choices, so that a tap is still enough", async () => {
  const bot = await openBot();
  await bot.pass(IDLE_MS - WARNING_MS);
  await eventually(() => expect(bot.said()).toContain(STILL_THERE));
  const warning = bot.store().activities.after(bot.id, 0).at(-1);
  expect(warning?.suggestedActions?.actions.map(({ title }) => title)).toEqual([
    "a) Fire",
    "b) Wood",
    "c) Water",
    "d) Air",
  ]);
  expect(warning?.replyToId).toBeUndefined();
  expect(await bot.turns().receive(bot.id, { type: "message", text: "b" })).toEqual({ id: expect.any(String) });
  expect(bot.state()).toBe("ended");
});

test.each(["typing", "a wrong answer"])("whoever is heard, by %s, has the whole time again", async (how) => {
  const bot = await openBot();
  await bot.pass(IDLE_MS - WARNING_MS);
  await eventually(() => expect(bot.said()).toContain(STILL_THERE));
  if (how === "typing") await bot.turns().stayAwake(bot.id);
  else await bot.turns().receive(bot.id, { type: "message", text: "banana" });
  await bot.pass(IDLE_MS - WARNING_MS - 2 * SWEEP_MS);
  expect(bot.state()).toBe("asked");
  expect(bot.said().filter((text) => text === STILL_THERE).length).toBe(1);
  await bot.pass(3 * SWEEP_MS);
  await eventually(() => expect(bot.said().filter((text) => text === STILL_THERE).length).toBe(2));
});

test("nothing keeps a session awake for longer than its life", async () => {
  const bot = await openBot();
  const step = IDLE_MS - 2 * WARNING_MS;
  for (let passed = 0; passed < LIFE_MS; passed += step) {
    await bot.pass(step);
    await bot.turns().stayAwake(bot.id);
  }
  expect(bot.state()).toBe("asked");
  await bot.pass(WARNING_MS + SWEEP_MS);
  await eventually(() => expect(bot.state()).toBe("abandoned"));
});

test("a session that was due while the bot was away is warned and closed after its start", async () => {
  const bot = await openBot();
  await bot.restart(10 * IDLE_MS);
  await eventually(() => expect(bot.said()).toEqual([QUESTION, STILL_THERE, QUESTION]));
  await bot.restart(WARNING_MS);
  await eventually(() => expect(bot.state()).toBe("abandoned"));
});

test("words are forgotten after two weeks, with conversations that had no pod; the session is kept", async () => {
  const bot = await openBot();
  const podless = randomUUIDv7();
  await bot.turns().begin({ id: podless, userId: "dl_other", locale: "en" });
  await bot.turns().receive(bot.id, { type: "message", text: "b" });
  const real = Date.now() - Date.parse("2026-03-01T12:00:00.000Z");
  await bot.pass(real + 14 * 24 * 3_600_000 - 60_000);
  expect(bot.said().length).toBeGreaterThan(0);
  expect(bot.store().conversations.find(podless)).toBeDefined();
  await bot.pass(10 * 60_000);
  await eventually(() => expect(bot.said()).toEqual([]));
  expect(bot.store().conversations.find(podless)).toBeUndefined();
  expect([bot.state(), bot.store().sessions.commandOf(bot.id)?.scent]).toEqual(["ended", "wood"]);
});

test("in a conversation of many sessions a new start puts an end to the one that was not answered", async () => {
  const bot = await openBot();
  const id = randomUUIDv7();
  await bot.turns().begin({ id, userId: "dl_other", locale: "en" });
  for (let starts = 0; starts < 2; starts++)
    await bot.turns().receive(id, { type: "message", text: `start ${CARD.room}` });
  expect(bot.changes).toEqual(["asked", "asked", "abandoned", "asked"]);
  expect(bot.store().sessions.latest("directline", id)?.state).toBe("asked");
  expect(bot.store().sessions.countByState()).toEqual([
    { state: "abandoned", number: 1 },
    { state: "asked", number: 2 },
  ]);
});
