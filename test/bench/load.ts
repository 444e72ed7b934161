import { setTimeout as delay } from "node:timers/promises";
import { type Side, serialOfPod } from "./side.ts";
import type { UsageWatch } from "./usage-watch.ts";

/** Each lane is a row of flows, one after the other, given by their pods; the lanes run at the same time. */
type Lanes = number[][];

/** The lanes, and how long each rests between two flows. */
export type Load = { lanes: Lanes; restMs: number };

type Lane = { pod: number; answer: () => Promise<void> }[];

export type Measured = {
  /** From just before the answer leaves to the usage's commit, one value per flow. */
  latenciesMs: number[];
  elapsedMs: number;
  /** User and system time of the side's processes. */
  cpuMs: number;
  lost: number;
};

const LOST_AFTER_MS = 10_000;
/** Lets what trails the flows before it end: it belongs to their CPU time and to nobody else's latency. */
const SETTLE_MS = 50;

/**
 * `count` flows with one in flight, all of one pod: a connection that rests for 200 ms acknowledges at once for a while,
 * so going from pod to pod would hide what Nagle's algorithm costs.
 */
export function onePod(count: number, pod: number): Lanes {
  return [Array.from({ length: count }, () => pod)];
}

/** One flow in flight per pod, `each` of them in a row. */
export function allPods(each: number, pods: number): Lanes {
  return Array.from({ length: pods }, (_, pod) => Array.from({ length: each }, () => pod));
}

/** Begins all flows of the lanes, then posts their answers and measures only that. */
export async function runLoad(side: Side, watch: UsageWatch, { lanes, restMs }: Load): Promise<Measured> {
  const prepared = await prepare(side, lanes);
  await delay(SETTLE_MS);
  const cpuBefore = cpuMs(side);
  const startedAt = performance.now();
  const outcomes = await Promise.all(prepared.map((lane) => runLane(lane, watch, restMs)));
  const elapsedMs = performance.now() - startedAt;
  await delay(SETTLE_MS);
  return {
    latenciesMs: outcomes.flatMap(({ latenciesMs }) => latenciesMs),
    elapsedMs,
    cpuMs: cpuMs(side) - cpuBefore,
    lost: outcomes.filter(({ lost }) => lost).length,
  };
}

function cpuMs({ otherCpuMs }: Side): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000 + (otherCpuMs?.() ?? 0);
}

async function prepare(side: Side, lanes: Lanes): Promise<Lane[]> {
  const prepared = lanes.map((): Lane => []);
  const longest = Math.max(...lanes.map((lane) => lane.length));
  for (let turn = 0; turn < longest; turn++) {
    const begun = lanes.map(async (lane, at) => {
      const pod = lane[turn];
      if (pod !== undefined) prepared[at]?.push({ pod, answer: await side.begin(pod) });
    });
    await Promise.all(begun);
  }
  return prepared;
}

/** A lane ends with its first lost flow: a usage that comes too late must not be taken for the next one's. */
async function runLane(
  lane: Lane,
  watch: UsageWatch,
  restMs: number,
): Promise<{ latenciesMs: number[]; lost: boolean }> {
  const latenciesMs: number[] = [];
  for (const { pod, answer } of lane) {
    const usage = watch.next(serialOfPod(pod), LOST_AFTER_MS);
    const answeredAt = performance.now();
    const [committedAt] = await Promise.all([usage, answer()]);
    if (committedAt === undefined) return { latenciesMs, lost: true };
    latenciesMs.push(committedAt - answeredAt);
    if (restMs > 0) await delay(restMs);
  }
  return { latenciesMs, lost: false };
}
