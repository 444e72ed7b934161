import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { readBooks } from "./books.ts";
import { startChild } from "./child-process.ts";
import { type Crowd, makeCrowd, receive } from "./crowd.ts";
import { judge } from "./goals.ts";
import type { Books, Host } from "./host.ts";
import { describeMachine } from "./machine.ts";
import { quantile } from "./statistics.ts";
import { STEPS, type Visit } from "./visit.ts";

const GUESTS = 1_000;
const PODS = 100;
const ARRIVE_WITHIN_MS = 30_000;
const GOALS = { totalMs: 60_000, replyP95Ms: 300 };
const HOST = new URL("host.ts", import.meta.url);

type Place = { dir: string; signal: AbortSignal };

export type GuestsReport = Awaited<ReturnType<typeof benchGuests>>;

/** A crowd of guests at a floor that only says what the kit says, then the same crowd at the kit. */
export async function benchGuests(place: Place) {
  const machine = describeMachine(place.dir);
  const crowd = makeCrowd(GUESTS, ARRIVE_WITHIN_MS);
  const floor = await visitFloor(crowd, place);
  const kit = await visitKit(crowd, place);
  const goals = [
    { name: "guests who saw the pod confirm", measured: kit.reached.confirmed, atLeast: GUESTS },
    { name: "usages in the ERP", measured: kit.usages, atLeast: GUESTS },
    { name: "answers without a usage", measured: kit.lost, atMost: 0 },
    { name: "usages too many", measured: kit.twice, atMost: 0 },
    { name: "reply, p95, ms", measured: kit.reply.p95Ms, atMost: GOALS.replyP95Ms },
    { name: "first arrival to last usage, ms", measured: kit.totalMs, atMost: GOALS.totalMs },
  ].map(judge);
  const ok = goals.every((goal) => goal.ok);
  return { guests: GUESTS, pods: PODS, arriveWithinMs: ARRIVE_WITHIN_MS, machine, kit, floor, goals, ok };
}

async function visitFloor(crowd: Crowd, place: Place) {
  await using host = await startHost("floor", place);
  const visits = await receive(crowd, { ...host.greeting, signal: place.signal });
  return { ...figuresOf(visits), cpuPerGuestMs: await host.cpuPerGuestMs() };
}

async function visitKit(crowd: Crowd, place: Place) {
  await using host = await startHost("kit", place);
  const startedAt = performance.now();
  const visits = await receive(crowd, { ...host.greeting, signal: place.signal });
  const cpuPerGuestMs = await host.cpuPerGuestMs();
  const sessionsOf = (some: Visit[]) => some.flatMap(({ sessionId }) => sessionId ?? []);
  const answered = sessionsOf(visits.filter(({ reached }) => reached.includes("answered")));
  const { completeAt, usages, billed } = await readBooks(
    host.greeting.books as Books,
    answered.length,
    sessionsOf(visits),
  );
  return {
    ...figuresOf(visits),
    cpuPerGuestMs,
    usages,
    lost: answered.filter((id) => !billed.has(id)).length,
    twice: usages - billed.size,
    totalMs: completeAt - startedAt,
  };
}

async function startHost(name: "kit" | "floor", { dir, signal }: Place) {
  const own = join(dir, name);
  mkdirSync(own);
  const { greeting, ...child } = await startChild({ name, file: HOST, args: [name, own, String(PODS)], signal });
  const cpuMs = async () => {
    const { user, system } = (await child.ask({})) as NodeJS.CpuUsage;
    return (user + system) / 1_000;
  };
  const before = await cpuMs();
  const cpuPerGuestMs = async () => ((await cpuMs()) - before) / GUESTS;
  return { ...child, greeting: greeting as Host, cpuPerGuestMs };
}

function figuresOf(visits: readonly Visit[]) {
  const replies = visits.flatMap(({ replyMs }) => replyMs ?? []);
  const reached = STEPS.map((step) => [step, visits.filter((visit) => visit.reached.includes(step)).length] as const);
  return {
    reached: Object.fromEntries(reached) as Record<(typeof STEPS)[number], number>,
    reply: { p50Ms: quantile(replies, 0.5), p95Ms: quantile(replies, 0.95), p99Ms: quantile(replies, 0.99) },
    errors: Object.entries(Object.groupBy(visits, ({ error }) => error ?? "")).flatMap(([error, having = []]) =>
      error ? [`${String(having.length)} × ${error}`] : [],
    ),
  };
}
