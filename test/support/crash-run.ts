import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import type { ErpMode } from "../../erp-stub/contract.ts";
import type { PartName } from "../../scripts/parts.ts";
import { serveGuests } from "./crash-guests.ts";
import { type CrashKit, openCrashKit } from "./crash-kit.ts";
import { CRASH_POINTS, type CrashPoint } from "./crash-points.ts";
import { watchBooks } from "./crash-watch.ts";
import { eventually } from "./eventually.ts";
import { type AnsweredSession, actuationProblems, bookProblems, flowProblems, orderProblems } from "./flow-oracle.ts";
import { damages, readDeliveryBooks, readLedgers } from "./ledgers.ts";
import { lifeProblems } from "./log-oracle.ts";

/** Until a process comes to the place, and until all is delivered after the last restart. */
const DEADLINE_MS = 90_000;
const GUESTS = 2;
const LOOK_AGAIN_MS = 50;
const KEPT_SOON_MS = 5_000;
/** Enough for one run not to wait for the settling of those before it. */
const SERIALS = Array.from({ length: 24 }, (_, at) => `HKAP01000000${String(at + 10)}`);

type Run = CrashPoint & { n: number; serialAt: number };

/** What came of one kill; times in the order: it died, all were back, all of its sessions were delivered. */
type CrashResult = {
  run: string;
  diedMs: number;
  backMs: number;
  backAt: number;
  sessions: AnsweredSession[];
  tokens: string[];
  problems: Promise<string[]>;
};

/**
 * Kills the kit at every place, the first and the second time that it comes there, and checks the books all along. What
 * happens to the bot and the pods and what happens behind them goes on side by side.
 */
export async function crashEverywhere(mode: ErpMode, points: readonly CrashPoint[] = CRASH_POINTS) {
  const startedAt = performance.now();
  const waiting: Run[] = points.flatMap((point, at) =>
    [1, 2].map((n) => ({ ...point, n, serialAt: (2 * at + n) % SERIALS.length })),
  );
  const armed = (part: PartName) => specOf(waiting.find((run) => run.part === part));
  await using kit = await openCrashKit(mode, SERIALS, armed);
  await using watch = watchBooks(kit.dataDir);
  const results: CrashResult[] = [];
  const inTurn = async (runs: readonly Run[] = []) => {
    for (const run of runs) results.push(await crash(kit, run, () => waiting.splice(waiting.indexOf(run), 1)));
  };
  const { front, back, together } = Object.groupBy(waiting, sideOf);
  await Promise.all([inTurn(front), inTurn(inBetween(back))]);
  await inTurn(together);

  const sessions = results.flatMap((result) => result.sessions);
  const open = () => sessions.filter(({ sessionId }) => !watch.doneAt.has(sessionId));
  await eventually(() => expect(open()).toEqual([]), DEADLINE_MS).catch(() => undefined);
  const problems = [
    ...kit.early,
    ...(await Promise.all(results.map(problemsOf))).flat(),
    ...watch.problems,
    ...open().map(({ sessionId }) => `session ${sessionId} was not delivered in time`),
    ...(await endProblems(kit, sessions)),
    ...lifeProblems(kit.history, { ...kit.secrets, tokens: results.flatMap(({ tokens }) => tokens) }),
  ];
  const rows = results.map(({ run, diedMs, backMs, backAt, sessions: own }) => {
    const doneAt = Math.max(...own.map(({ sessionId }) => watch.doneAt.get(sessionId) ?? Infinity));
    return { run, diedMs, backMs, doneMs: Math.max(0, doneAt - backAt) };
  });
  return { rows, problems, looks: watch.looks(), sessions: sessions.length, ms: performance.now() - startedAt };
}

function sideOf({ part, others }: CrashPoint): "front" | "back" | "together" {
  if (others) return "together";
  return part === "bot" || part === "device-sim" ? "front" : "back";
}

/** A kill of the ERP before each of the device database, which then begins with a closed breaker. */
function inBetween(runs: readonly Run[] = []): Run[] {
  const { erp = [], "device-db": deviceDb = [] } = Object.groupBy(runs, ({ part }) => part);
  return [...deviceDb.flatMap((run, at) => [...erp.slice(at, at + 1), run]), ...erp.slice(deviceDb.length)];
}

function specOf(run: Run | undefined): string {
  return run ? `${run.point}@${String(run.n)}` : "";
}

/** Guests who try again whatever happens, one kill, and the restart. */
async function crash(kit: CrashKit, run: Run, onDied: () => void): Promise<CrashResult> {
  const { k, n, point, part, others = [], queued, atStart } = run;
  const startedAt = performance.now();
  await kit.arm(part);
  if (queued) kit.running("erp").send("SIGSTOP");
  const serving = serveGuests(kit.dataDir, kit.launchUrls[run.serialAt] ?? "", queued ? n + 1 : GUESTS);
  const death = within(DEADLINE_MS, kit.died(part, specOf(run)));
  if (queued) await Promise.race([death, untilWaiting(kit.dataDir, run)]);
  if (queued) kit.running("erp").send("SIGCONT");
  const problems = await death;
  if (problems.length > 0) await kit.kill(part);
  const diedAt = performance.now();
  onDied();
  await Promise.all(others.map((other) => kit.kill(other)));
  for (let time = 0; atStart && time < n; time += 1) problems.push(...(await kit.startToDie(part, atStart)));
  const victims = [part, ...others];
  await Promise.all(victims.map((victim) => kit.start(victim)));
  const backAt = performance.now();
  const { sessions, tokens, lies } = await serving;
  problems.push(...damages(kit.dataDir, victims));
  return {
    run: `${k} ${atStart ?? point} n=${String(n)}`,
    diedMs: diedAt - startedAt,
    backMs: backAt - diedAt,
    backAt,
    sessions,
    tokens,
    problems: lies.then((told) => [...problems, ...told]),
  };
}

/** One delivery of the pod is under way, and as many more wait as are to pass the place. */
async function untilWaiting(dataDir: string, { n, serialAt }: Run): Promise<void> {
  const giveUpAt = performance.now() + DEADLINE_MS;
  while (performance.now() < giveUpAt) {
    const mine = readDeliveryBooks(dataDir).deliveries.filter(({ serial }) => serial === SERIALS[serialAt]);
    if (mine.filter(({ state }) => state === "pending").length >= n) return;
    await delay(LOOK_AGAIN_MS);
  }
}

async function problemsOf({ run, problems }: CrashResult): Promise<string[]> {
  return (await problems).map((problem) => `${run}: ${problem}`);
}

async function within(ms: number, work: Promise<string[]>): Promise<string[]> {
  const { promise, resolve } = Promise.withResolvers<string[]>();
  const timer = setTimeout(() => resolve(["the place was not reached"]), ms);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

/** What the books say when all is done; acknowledgements and the outcomes of commands are kept a moment later. */
async function endProblems(kit: CrashKit, sessions: readonly AnsweredSession[]): Promise<string[]> {
  const look = () => {
    const ledgers = readLedgers(kit.dataDir);
    const { deviceDb, erp } = ledgers;
    return [
      ...flowProblems({ sessions, deliveries: deviceDb.deliveries, usages: erp.usages }),
      ...orderProblems(deviceDb.events, erp.usages),
      ...actuationProblems(ledgers),
      ...bookProblems(deviceDb),
      ...damages(kit.dataDir),
    ];
  };
  await eventually(() => expect(look()).toEqual([]), KEPT_SOON_MS).catch(() => undefined);
  return look();
}
