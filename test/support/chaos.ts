import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import type { ErpTarget } from "../../device-db/config.ts";
import type { ErpMode } from "../../erp-stub/contract.ts";
import { seededRandom } from "../../plumbing/random.ts";
import { type ChaosWorld, EVENTS_PER_POD, openChaosWorld, PODS, type Victim } from "./chaos-world.ts";
import { watchBooks } from "./crash-watch.ts";
import { eventually } from "./eventually.ts";
import { bookProblems, orderProblems } from "./flow-oracle.ts";
import { damages, readDeliveryBooks, readUsages } from "./ledgers.ts";

const KILLS = 12;
const BETWEEN_KILLS_MS = 400;
const DEADLINE_MS = 120_000;
const LOOK_AGAIN_MS = 100;

export type Chaos = { title: string; mode: ErpMode; settle: ErpTarget["settle"]; seed: number };

export type ChaosFigures = Awaited<ReturnType<typeof chaos>>;

/**
 * 400 check-ins of 40 pods to an ERP of which every fourth call goes wrong, while the device database and the ERP are
 * killed at random; resolves when nothing moves any more.
 */
export async function chaos({ title, mode, settle, seed }: Chaos) {
  const startedAt = performance.now();
  const random = seededRandom(seed);
  await using world = await openChaosWorld({ mode, settle, random: seededRandom(seed + 1) });
  await using watch = watchBooks(world.dataDir);
  const kills = await killAtRandom(world, random);
  await eventually(() => {
    expect(world.pods.reduce((sum, pod) => sum + pod.acknowledged(), 0)).toBe(PODS * EVENTS_PER_POD);
  }, DEADLINE_MS);
  await untilStill(world.dataDir);
  const books = readDeliveryBooks(world.dataDir);
  const usages = readUsages(world.dataDir);
  const refs = Map.groupBy(usages, ({ ref }) => ref ?? "");
  const events = world.pods.flatMap((pod) => pod.events);
  return {
    title,
    seed,
    kills,
    faults: world.proxy.faults.before + world.proxy.faults.after,
    attempts: books.deliveries.reduce((sum, { attempts }) => sum + attempts, 0),
    usages: usages.length,
    lost: events.filter(({ id }) => !refs.has(id)).length,
    doubled: [...refs.values()].filter(({ length }) => length > 1).length,
    leftOver: books.deliveries.filter(({ state }) => state !== "delivered").length,
    seconds: (performance.now() - startedAt) / 1_000,
    problems: [
      ...watch.problems,
      ...orderProblems(books.events, usages),
      ...bookProblems(books),
      ...damages(world.dataDir, ["device-db", "erp"]),
    ],
  };
}

export function chaosReport({
  title,
  seed,
  kills,
  faults,
  attempts,
  usages,
  lost,
  doubled,
  leftOver,
  seconds,
}: ChaosFigures) {
  const counts = { kills, faults, attempts, usages, lost, doubled, "left over": leftOver };
  const told = Object.entries(counts).map(([name, count]) => `${name} ${String(count)}`);
  return `${title}, seed ${String(seed)}: ${told.join(", ")}, ${seconds.toFixed(1)} s\n`;
}

async function killAtRandom({ kill }: ChaosWorld, random: () => number): Promise<number> {
  for (let count = 0; count < KILLS; count += 1) {
    await delay(random() * 2 * BETWEEN_KILLS_MS);
    const luck = random();
    const victims: Victim[] = luck < 0.45 ? ["device-db"] : luck < 0.9 ? ["erp"] : ["device-db", "erp"];
    await Promise.all(victims.map(kill));
  }
  return KILLS;
}

/** Until only a person could go on: the head of each lane, if any, is held. */
async function untilStill(dataDir: string): Promise<void> {
  const giveUpAt = performance.now() + DEADLINE_MS;
  while (performance.now() < giveUpAt) {
    const { deliveries } = readDeliveryBooks(dataDir);
    const open = deliveries.filter(({ state }) => state !== "delivered");
    const heads = new Map(open.toReversed().map((delivery) => [delivery.serial, delivery]));
    if ([...heads.values()].every(({ state }) => state === "held")) return;
    await delay(LOOK_AGAIN_MS);
  }
}
