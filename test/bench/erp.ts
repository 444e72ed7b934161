import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../plumbing/clock.ts";
import { type AddressFigures, askBackToBack, measureAddresses, reportPaths } from "./erp-addresses.ts";
import { DEVICES } from "./erp-ground.ts";
import { fillMillion } from "./erp-million.ts";
import { alternate, type ComparedLoad, type RoundLoad } from "./erp-rounds.ts";
import { type ErpSide, type ErpSideName, startErpSide } from "./erp-side.ts";
import { judge } from "./goals.ts";
import { describeMachine } from "./machine.ts";
import { quantile } from "./statistics.ts";

const MANY = { inFlight: DEVICES, count: 8_000 };
const ALONE: RoundLoad = { name: "alone (1 in flight), with Idempotency-Key", inFlight: 1, count: 300, hasKey: true };
const WITH_KEY: RoundLoad = { name: `${String(DEVICES)} in flight, with Idempotency-Key`, ...MANY, hasKey: true };
const WITHOUT_KEY: RoundLoad = { name: `${String(DEVICES)} in flight, without`, ...MANY, hasKey: false };
const FRESH: RoundLoad = {
  ...WITH_KEY,
  name: `${WITH_KEY.name}, each on a new connection`,
  count: 1_000,
  isFresh: true,
};
/** Takes the log of every store past its first checkpoint. */
const WARM_UP = WITH_KEY;
const MAX_ROUNDS = 12;
const BUDGET_MS = { calls: 90_000, filled: 45_000 };
const GOALS = { floor: 0.6, mockoon: 10, million: 0.9, reportMs: 300, listMs: 50 };

/** `dir` is empty; `mockoon` is the folder that Mockoon is installed in. */
type Options = { dir: string; signal: AbortSignal; rounds?: number; mockoon?: string };

export type ErpReport = Awaited<ReturnType<typeof benchErp>>;

/** The bundled ERP beside a hand-written floor and, if it is there, Mockoon; then with a year of ten hotels in its store. */
export async function benchErp({ dir, signal, rounds: maxRounds = MAX_ROUNDS, mockoon }: Options) {
  const machine = describeMachine(dir);
  await using owned = new AsyncDisposableStack();
  const start = async (name: ErpSideName, folder: string = name) => {
    const place = { dir: join(dir, folder), signal, ...(mockoon ? { folder: mockoon } : {}) };
    mkdirSync(place.dir, { recursive: true });
    const side = owned.use(await startErpSide(name, place));
    await side.call(name === "mockoon" ? { ...WARM_UP, count: WARM_UP.count / 8 } : WARM_UP);
    return side;
  };

  const calls = await alternate(
    { kit: await start("kit"), floor: await start("floor"), ...(mockoon ? { peer: await start("mockoon") } : {}) },
    { loads: [ALONE, { ...WITH_KEY, hasPeer: true }, WITHOUT_KEY, FRESH], maxRounds, budgetMs: BUDGET_MS.calls },
  );
  mkdirSync(join(dir, "million"));
  await fillMillion(join(dir, "million"));
  const full = await start("kit", "million");
  const addresses = await measureAddresses(full, systemClock.now());
  const filled = await alternate(
    { kit: full, floor: await start("kit", "empty") },
    { loads: [ALONE, WITH_KEY], maxRounds, budgetMs: BUDGET_MS.filled },
  );
  const busy = await callDuringReports(full);

  const goals = [...callGoals(calls, filled), ...addressGoals(addresses)].map(judge);
  return { machine, calls, filled, busy, addresses, goals, ok: goals.every(({ ok }) => ok) };
}

/** What devices wait when somebody asks for one report after the other, of each kind in turn. */
async function callDuringReports(side: ErpSide) {
  const ended = new AbortController();
  const asking = askBackToBack(side.url, reportPaths(systemClock.now()), ended.signal);
  const { latenciesMs, lost } = await side.call(ALONE);
  ended.abort();
  return { reports: await asking, lost, p50Ms: quantile(latenciesMs, 0.5), p99Ms: quantile(latenciesMs, 0.99) };
}

type Outcome = Awaited<ReturnType<typeof alternate>>;

function callGoals(calls: Outcome, filled: Outcome) {
  const [, withKey, withoutKey] = calls.loads;
  const perSecond = (load: ComparedLoad | undefined) => load?.ratios.flowsPerSecond.ratio ?? Number.NaN;
  const peer = withKey?.peer?.flowsPerSecond;
  const mockoon = peer === undefined ? undefined : (withKey?.kit.flowsPerSecond ?? 0) / peer;
  return [
    { name: "calls a second with Idempotency-Key, kit ÷ floor", measured: perSecond(withKey), atLeast: GOALS.floor },
    { name: "calls a second without, kit ÷ floor", measured: perSecond(withoutKey), atLeast: GOALS.floor },
    ...(mockoon === undefined
      ? []
      : [{ name: "calls a second, kit ÷ Mockoon", measured: mockoon, atLeast: GOALS.mockoon }]),
    { name: "calls a second, full ÷ empty", measured: perSecond(filled.loads[1]), atLeast: GOALS.million },
    { name: "calls without a 200", measured: calls.lost + filled.lost, atMost: 0 },
  ];
}

/** The slowest of each kind counts, in its median and in its worst. */
function addressGoals(addresses: readonly AddressFigures[]) {
  const slowest = (kind: AddressFigures["kind"], figure: "medianMs" | "worstMs") =>
    Math.max(...addresses.filter((address) => address.kind === kind && address.status === 200).map((a) => a[figure]));
  return [
    {
      name: "addresses that do not answer 200",
      measured: addresses.filter(({ status }) => status !== 200).length,
      atMost: 0,
    },
    { name: "slowest report, median, ms", measured: slowest("report", "medianMs"), atMost: GOALS.reportMs },
    { name: "slowest report, worst, ms", measured: slowest("report", "worstMs"), atMost: GOALS.reportMs },
    { name: "slowest list, median, ms", measured: slowest("list", "medianMs"), atMost: GOALS.listMs },
    { name: "slowest list, worst, ms", measured: slowest("list", "worstMs"), atMost: GOALS.listMs },
  ];
}
