import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seededRandom } from "../../plumbing/random.ts";
import { passwordOf, SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import {
  CONNACK,
  connectBytes,
  openRawClient,
  PUBLISH,
  publishBytes,
  publishHead,
  SUBACK,
  subscribeBytes,
} from "../support/raw-mqtt.ts";
import { openSiege, type Siege, VILLAIN } from "../support/siege.ts";

const MEGABYTE = 2 ** 20;
/** What one attack may add to the process, garbage included. */
const MOST_MORE_MB = 25;
/** What may be held after an attack, garbage not included, beyond what was held before the first one. */
const MOST_HELD_MB = 8;
/** A guest waits some 50 ms otherwise; the machine is busy with the attack itself. */
const LONGEST_WAIT_MS = 2_500;
const CALM_WITHIN_MS = 5_000;
const SEED = Math.floor(Math.random() * 2 ** 32);

const own = (name: string) => `aromapod/v1/${VILLAIN}/${name}`;
const foreign = (name: string) => `aromapod/v1/${SERIAL}/${name}`;

let siege: Siege;
let atFirst: Awaited<ReturnType<Siege["figures"]>>;

beforeAll(async () => {
  siege = await openSiege();
  // As in a process that has been at work for a while: its heap has grown to the size that it works with.
  await siege.guests.during(() => inWaves(1_000, 200, guessPassword));
  const random = seededRandom(SEED + 1);
  await siege.guests.during(() => inWaves(900, 90, (at) => randomConnection(at, random)));
  atFirst = await siege.keptFigures();
});

afterAll(async () => {
  await siege[Symbol.asyncDispose]();
});

/** Guests do not notice the attack, and nothing of it is left. */
async function withstands(attack: () => Promise<void>): Promise<void> {
  const before = await siege.keptFigures();
  const waits = await siege.guests.during(attack);
  expect(Math.max(...waits)).toBeLessThan(LONGEST_WAIT_MS);
  await eventually(async () => {
    const { rssMb, heldMb, files, connections } = await siege.keptFigures();
    expect(rssMb - before.rssMb).toBeLessThan(MOST_MORE_MB);
    expect(connections).toBe(atFirst.connections);
    // The guests and whoever asks have a few of their own.
    expect(files).toBeLessThanOrEqual(atFirst.files + 8);
    expect(heldMb - atFirst.heldMb).toBeLessThan(MOST_HELD_MB);
  }, CALM_WITHIN_MS);
}

async function inWaves(count: number, wave: number, work: (at: number) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < count; at += wave)
    await Promise.all(Array.from({ length: Math.min(wave, count - at) }, (_, n) => work(at + n)));
}

/** Bytes of no meaning: at once, behind the beginning of a CONNECT, or from a pod that was let in. */
async function randomConnection(at: number, random: () => number): Promise<void> {
  const bytes = Buffer.from(Array.from({ length: 1 + Math.floor(random() * 600) }, () => Math.floor(random() * 256)));
  using raw = at % 3 === 2 ? await siege.villain(`${VILLAIN}-${String(at)}`) : await openRawClient(siege.port);
  if (at % 3 === 2) await raw.first(CONNACK);
  raw.send(...(at % 3 === 1 ? [Buffer.from([0x10])] : []), bytes);
  await raw.cut(50).catch(() => undefined);
}

async function guessPassword(at: number): Promise<void> {
  using raw = await openRawClient(siege.port);
  raw.send(connectBytes({ clientId: SERIAL, username: SERIAL, password: passwordOf(String(at)) }));
  await raw.cut();
  expect((await raw.first(CONNACK)).body[1]).toBe(4);
}

test("three thousand connections that send random bytes", { timeout: 60_000 }, async () => {
  const random = seededRandom(SEED);
  await withstands(() => inWaves(3_000, 90, (at) => randomConnection(at, random))).catch((cause: unknown) => {
    throw new Error(`The seed was ${String(SEED)}.`, { cause });
  });
});

test.for<[what: string, bytes: number, isKnown: boolean]>([
  ["100 MB from a pod", 100 * MEGABYTE, true],
  ["100 MB from nobody", 100 * MEGABYTE, false],
  ["256 MB, the most that MQTT can say,", 256 * MEGABYTE - 1, true],
])("a packet of %s", async ([, bytes, isKnown]) => {
  const before = await siege.keptFigures();
  const mostMb: number[] = [];
  await withstands(async () => {
    using raw = isKnown ? await siege.villain() : await openRawClient(siege.port);
    const block = Buffer.alloc(MEGABYTE);
    raw.send(publishHead(bytes));
    for (let sent = 0; sent < 100 && !raw.socket.destroyed; sent++) {
      const drained = new Promise<void>((resolve) => raw.socket.write(block, () => resolve()));
      await Promise.race([drained, delay(1_000)]);
      mostMb.push((await siege.figures()).rssMb);
    }
    await raw.cut();
  });
  expect(Math.max(...mostMb) - before.rssMb).toBeLessThan(MOST_MORE_MB);
});

test("filters for everything, too deep, too long, and ten thousand of them", async () => {
  const filters = ["#", "+/+/+/+/+", "$SYS/#", foreign("down/command"), own("#"), "x".repeat(65_000)];
  await withstands(async () => {
    using raw = await siege.villain();
    for (const [at, filter] of filters.entries()) {
      raw.send(subscribeBytes(filter));
      await eventually(() => expect(raw.ofType(SUBACK)).toHaveLength(at + 1));
    }
    expect(raw.ofType(SUBACK).map(({ body }) => body[2])).toEqual(filters.map(() => 128));
    using deep = await siege.villain(`${VILLAIN}-deep`);
    deep.send(subscribeBytes(Array.from({ length: 101 }, () => "a").join("/")));
    await deep.cut();
    using greedy = await siege.villain(`${VILLAIN}-greedy`);
    for (let at = 0; at < 10_000; at += 1_000)
      greedy.send(subscribeBytes(...Array.from({ length: 1_000 }, (_, n) => own(String(at + n)))));
    await greedy.cut();
  });
});

test("publishing where it is not allowed, from below the floor and at full length", async () => {
  const deep = Array.from({ length: 101 }, () => "a").join("/");
  const topics = [foreign("up/event"), foreign("device"), "$SYS/x", own("up/+"), "#", deep, "x".repeat(65_000), ""];
  await withstands(async () => {
    for (const topic of topics) {
      using raw = await siege.villain();
      await raw.first(CONNACK);
      raw.send(publishBytes(topic, '{"id":"forged","seq":1,"status":"checkin","scent":"fire","at":"2026-03-01"}'));
      await raw.cut();
    }
  });
});

test("the names of others, and one name fought over", async () => {
  await withstands(async () => {
    for (const clientId of [SERIAL, `${SERIAL}-2`, "bot", "device-db", ""]) {
      using raw = await siege.villain(clientId);
      await raw.cut();
      expect((await raw.first(CONNACK)).body[1]).toBe(2);
    }
    const endsAt = performance.now() + 1_500;
    let takenOver = 0;
    const fight = async () => {
      for (; performance.now() < endsAt; takenOver++) {
        using raw = await siege.villain();
        await raw.first(CONNACK);
        await raw.cut();
      }
    };
    // The last ones of each have nobody who takes over from them.
    await Promise.allSettled([fight(), fight()]);
    expect(takenOver).toBeGreaterThan(10);
  });
});

test("a thousand guesses of a password, as fast as they go", async () => {
  await withstands(() => inWaves(1_000, 200, guessPassword));
});

test("connections that say nothing, or half of a CONNECT: others are let in meanwhile, and after five seconds they are gone", async () => {
  await withstands(async () => {
    const half = connectBytes({ clientId: VILLAIN, username: VILLAIN, password: "?" }).subarray(0, 12);
    using silent = new DisposableStack();
    await inWaves(2_500, 250, async (at) => {
      const raw = silent.use(await openRawClient(siege.port));
      if (at % 2 === 1) raw.send(half);
    });
    const crowded = await siege.figures();
    expect(crowded.files).toBeGreaterThan(atFirst.files + 1_500);
    // The places are limited, whoever wants them.
    expect(crowded.files).toBeLessThan(atFirst.files + 2_100);
    using pod = await siege.villain();
    expect((await pod.first(CONNACK)).body[1]).toBe(0);
    await eventually(async () => expect((await siege.figures()).files).toBeLessThan(atFirst.files + 20), 8_000);
  });
});

test("a pod that does not read what is sent to it", async () => {
  await withstands(async () => {
    using frozen = await siege.villain();
    frozen.send(subscribeBytes(own("down/command")));
    await frozen.first(SUBACK);
    frozen.socket.pause();
    using bot = await openRawClient(siege.port);
    bot.send(connectBytes({ clientId: "bot-2", username: "bot", password: siege.secrets.mqtt.bot }));
    await bot.first(CONNACK);
    for (let id = 1; id <= 300; id++) bot.send(publishBytes(own("down/command"), "x".repeat(60_000), { id }));
    await eventually(async () => expect((await siege.figures()).connections).toBe(atFirst.connections + 1), 5_000);
    expect(frozen.ofType(PUBLISH).length).toBeLessThan(300);
  });
});

test("a pod with more connections than it can need gets no more", async () => {
  await withstands(async () => {
    using many = new DisposableStack();
    const codes: (number | undefined)[] = [];
    for (let at = 0; at < 40; at++) {
      const raw = many.use(await siege.villain(`${VILLAIN}-${String(at)}`));
      codes.push((await raw.first(CONNACK)).body[1]);
    }
    expect(codes).toEqual([...Array.from({ length: 32 }, () => 0), ...Array.from({ length: 8 }, () => 3)]);
  });
});

test("in the end each guest's answer has its one usage, and nothing else has", async () => {
  await siege.guests.end();
  await eventually(async () => expect(await siege.problems()).toEqual([]));
  expect(siege.guests.answered.length).toBeGreaterThan(20);
});
