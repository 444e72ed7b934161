import { randomUUIDv7 } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { BEHAVIOURS } from "../../device-sim/behaviours/all.ts";
import type { PodStore } from "../../device-sim/store.ts";
import { eventually } from "../support/eventually.ts";
import { openPodGround, openPodsWith, type PodGround } from "../support/pod-ground.ts";
import { podProblems } from "../support/pod-oracle.ts";
import { podStorm, STORMY } from "../support/pod-storm.ts";

/** Put the seed of a run that failed here. */
const SEED = Math.floor(Math.random() * 2 ** 32);
const SERIAL = "P1";
/** More than the first repeat of a command. */
const STILL_WITHIN_MS = 2_500;

test("no behaviour is missing in the storm", () => {
  expect(Object.keys(STORMY).sort()).toEqual(Object.keys(BEHAVIOURS).sort());
});

test("every event of 210 pods that behave badly is told to the ERP exactly once, in order", {
  timeout: 120_000,
}, async () => {
  const { problems, seconds, ...figures } = await podStorm(SEED);
  const told = Object.entries(figures).map(([name, count]) => `${name} ${String(count)}`);
  process.stdout.write(`seed ${String(SEED)}: ${told.join(", ")}, ${seconds.toFixed(1)} s\n`);
  expect(problems).toEqual([]);
  for (const count of Object.values(figures)) expect(count).toBeGreaterThan(50);
});

type Pods = Awaited<ReturnType<typeof openPodsWith>>;
type Trouble = {
  words: string;
  memory: (store: PodStore) => PodStore;
  pass: (ground: PodGround, pods: Pods) => unknown;
};

const intact = (store: PodStore) => store;

async function checkIn(ground: PodGround): Promise<void> {
  await ground.command(SERIAL, { action: "checkin", scent: "wood", ttlS: 30 });
}

/** What the oracle finds of a pod that was in trouble, and behaves again. */
async function findingsOf({ words, memory, pass }: Trouble): Promise<string[]> {
  await using ground = await openPodGround([SERIAL]);
  await using pods = await openPodsWith(memory, ground);
  pods.putOn(words);
  await pass(ground, pods);
  pods.putOn();
  await ground.untilStill(STILL_WITHIN_MS);
  return podProblems(ground.books(), new Map()).get(SERIAL) ?? [];
}

describe.each<{ what: string; words: string; pass: Trouble["pass"]; without: Trouble["memory"]; finding: RegExp }>([
  {
    what: "forgets its events when it reboots",
    words: "silent",
    async pass(ground, pods) {
      for (let n = 0; n < 3; n++) await checkIn(ground);
      await eventually(() => expect(ground.books().pods).toMatchObject([{ seq: 3 }]));
      pods.putOn("reboot=100%");
    },
    without: (store) => ({ ...store, unackedEvents: () => [] }),
    finding: /^it made events 1 to 3, and none came$/,
  },
  {
    what: "makes a new id when it repeats an event",
    words: "reorder=100%",
    async pass(ground, pods) {
      await checkIn(ground);
      // The acknowledgement waits for another message to overtake it.
      await eventually(() => expect(ground.books().events).toHaveLength(1));
      pods.putOn("reboot=100%");
    },
    without: (store) => ({
      ...store,
      unackedEvents: (serial) => store.unackedEvents(serial).map((event) => ({ ...event, id: randomUUIDv7() })),
    }),
    finding: /^it made events 1 to 1, and 1,1 came$/,
  },
  {
    what: "knows no command again",
    words: "duplicate",
    async pass(ground) {
      await checkIn(ground);
      await eventually(() => expect(ground.books().events).not.toEqual([]));
      await delay(500);
    },
    without: (store) => ({
      ...store,
      carryOut: (serial, _commandId, judge) => store.carryOut(serial, randomUUIDv7(), judge),
    }),
    finding: /^command \S+ is accepted and has 2 events$/,
  },
])("a pod that $what", ({ words, pass, without, finding }) => {
  test("is found out", async () => {
    expect(await findingsOf({ words, pass, memory: without })).toContainEqual(expect.stringMatching(finding));
  });

  test("has the same trouble without harm where it does not", async () => {
    expect(await findingsOf({ words, pass, memory: intact })).toEqual([]);
  });
});
