import { setTimeout as delay } from "node:timers/promises";
import { SCENTS } from "../../device-sim/contract.ts";
import { seededRandom } from "../../plumbing/random.ts";
import { openPodGround, openSimulator, type PodGround } from "./pod-ground.ts";
import { podProblems } from "./pod-oracle.ts";

const CROWD = 200;
const MOST_BEHAVIOURS = 4;
const ACTIONS_PER_POD = 6;
const STORM_MS = 4_000;
const DRAINED_WITHIN_MS = 45_000;
const LONG_TTL_S = 30;

type Random = () => number;
type Pod = { serial: string; words: readonly string[] };
type Simulator = Awaited<ReturnType<typeof openSimulator>>;

const between = (least: number, most: number) => (random: Random) =>
  String(Math.round(least + random() * (most - least)));
const oneOf = <T>(values: readonly T[], random: Random): T => values[Math.floor(random() * values.length)] as T;

/** So many of them, none twice. */
function draw<T>(values: readonly T[], count: number, random: Random): T[] {
  const left = [...values];
  return Array.from({ length: count }, () => left.splice(Math.floor(random() * left.length), 1)).flat();
}

/** Values that leave a pod some hope within the storm; those alone have the usual one, whatever that means. */
export const STORMY: Record<string, (random: Random) => string> = {
  silent: (random) => `${between(20, 80)(random)}%`,
  late: (random) => `${between(100, 2_500)(random)}ms`,
  duplicate: (random) => `${between(20, 100)(random)}%`,
  reorder: (random) => `${between(20, 100)(random)}%`,
  reboot: (random) => `${between(5, 30)(random)}%`,
  garbage: (random) => `${between(20, 100)(random)}%`,
  offline: (random) => `${between(200, 3_000)(random)}ms`,
  "clock-skew": (random) => `${between(-1_440, 1_440)(random)}m`,
  "empty-capsule": (random) => oneOf(SCENTS, random),
  "flaky-wifi": (random) => `${between(300, 3_000)(random)}ms`,
};

/** Each behaviour on a pod of its own, and a crowd with some of them each. */
function podsOf(random: Random): Pod[] {
  const names = Object.keys(STORMY);
  const crowd = Array.from({ length: CROWD }, (_, at) => {
    const some = draw(names, 1 + Math.floor(random() * MOST_BEHAVIOURS), random);
    const words = some.map((name) => `${name}=${STORMY[name]?.(random) ?? ""}`);
    return { serial: `crowd-${String(at + 1)}`, words };
  });
  return [...names.map((name) => ({ serial: `lone-${name}`, words: [name] })), ...crowd];
}

/**
 * All pods are asked for this and that, and pressed by hand, while they behave as badly as they may; resolves once they
 * behave again and nothing moves any more.
 */
export async function podStorm(seed: number) {
  const startedAt = performance.now();
  const pods = podsOf(seededRandom(seed));
  await using ground = await openPodGround(pods.map(({ serial }) => serial));
  await using simulator = await openSimulator(ground);
  const presses = new Map<string, number>();
  const storms = pods.map(async (pod, at) => {
    await simulator.hand(pod.serial, "fault", { faults: pod.words, seed });
    const did = await keepBusy(pod, { ground, simulator, random: seededRandom(seed + at + 1) });
    presses.set(pod.serial, did);
  });
  await Promise.all(storms);
  for (const { serial } of pods) await simulator.hand(serial, "fault", { faults: [] });
  await ground.untilStill(DRAINED_WITHIN_MS);
  const books = ground.books();
  const problems = podProblems(books, presses);
  const states = Map.groupBy(books.commands, ({ state }) => state);
  return {
    events: books.events.length,
    usages: books.usages.length,
    accepted: states.get("accepted")?.length ?? 0,
    rejected: states.get("rejected")?.length ?? 0,
    expired: states.get("expired")?.length ?? 0,
    presses: presses.values().reduce((sum, count) => sum + count, 0),
    seconds: (performance.now() - startedAt) / 1_000,
    problems: pods.flatMap(({ serial, words }) =>
      (problems.get(serial) ?? []).map((problem) => `seed ${String(seed)}, ${serial} ${words.join(" ")}: ${problem}`),
    ),
  };
}

/** Resolves with how many presses did something. */
async function keepBusy(
  { serial }: Pod,
  { ground, simulator, random }: { ground: PodGround; simulator: Simulator; random: Random },
): Promise<number> {
  let presses = 0;
  for (let n = 0; n < ACTIONS_PER_POD; n++) {
    await delay((random() * 2 * STORM_MS) / ACTIONS_PER_POD);
    const luck = random();
    const ttlS = random() < 0.5 ? 1 + Math.floor(random() * 2) : LONG_TTL_S;
    if (luck < 0.55) await ground.command(serial, { action: "checkin", scent: oneOf(SCENTS, random), ttlS });
    else if (luck < 0.75) await ground.command(serial, { action: "checkout", ttlS });
    else if (await simulator.hand(serial, "press", { button: luck < 0.9 ? "next" : "stop" })) presses += 1;
  }
  return presses;
}
