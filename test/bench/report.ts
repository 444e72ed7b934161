import { type Comparison, type Figures, HISTOGRAM_BOUNDS_MS, type Sides } from "./figures.ts";
import { type Machine, renderMachine } from "./machine.ts";
import { isExact, type Tally } from "./rounds.ts";

export type Report = {
  chain: string;
  machine: Machine;
  rounds: number;
  loads: ReportedLoad[];
  /** Warm-up included. */
  tally: Sides<Tally>;
  ok: boolean;
};

export type ReportedLoad = Comparison & {
  name: string;
  inFlight: number;
  restMs: number;
  flowsPerRound: number;
};

export function renderReport(report: Report): string {
  const lines = [
    ...renderHead(report),
    "CPU per flow is that of the side's whole process, the guests' HTTP clients included, on both sides alike.",
    ...renderLoads(report.loads),
    "",
    ...(["kit", "floor"] as const).map((name) => renderTally(name, report.tally[name])),
  ];
  return `${lines.join("\n")}\n`;
}

export function renderHead({ chain, rounds, machine }: Pick<Report, "chain" | "rounds" | "machine">): string[] {
  return [
    `Chain: ${chain}. Rounds of each side, alternating: ${String(rounds)}. Figures are medians over the rounds.`,
    renderMachine(machine),
    "kit ÷ floor is the ratio of the medians, in brackets the lowest and the highest of a pair of rounds.",
  ];
}

/** Every load's figures, then how the latencies of the first are spread. */
export function renderLoads(loads: readonly ReportedLoad[]): string[] {
  const [alone] = loads;
  return [
    ...loads.flatMap((load) => ["", ...renderLoad(load)]),
    "",
    "Latency alone, flows of all rounds (ms)",
    ...(alone ? renderHistogram(alone) : []),
  ];
}

function renderLoad(load: ReportedLoad): string[] {
  const { kit, floor, peer, ratios } = load;
  const row = (label: string, format: (figures: Figures) => string, ratio = "") => {
    return line(label, [kit, floor, ...(peer ? [peer] : [])].map(format), ratio);
  };
  const lines = [
    line("", ["kit", "floor", ...(peer ? ["Node-RED"] : [])], "kit ÷ floor"),
    row("p50", ({ p50Ms }) => ms(p50Ms), times(ratios.p50)),
    row("p99", ({ p99Ms }) => ms(p99Ms), times(ratios.p99)),
    // With a rest between two flows this would tell the length of the rest.
    ...(load.restMs === 0
      ? [row("flows per second", ({ flowsPerSecond }) => flowsPerSecond.toFixed(0), times(ratios.flowsPerSecond))]
      : []),
    row("CPU per flow", ({ cpuPerFlowUs }) => `${cpuPerFlowUs.toFixed(0)} µs`, times(ratios.cpuPerFlow)),
    row("slowest flow", ({ slowestMs }) => ms(slowestMs)),
  ];
  if (load.inFlight === 1) {
    const slow = ({ flowsFrom40Ms, flows }: Figures) => `${String(flowsFrom40Ms)} of ${String(flows)}`;
    lines.push(row("flows of 40 ms or more", slow));
  }
  return [`${load.name}, ${String(load.flowsPerRound)} flows a round`, ...lines];
}

function line(label: string, cells: readonly string[], ratio: string): string {
  return `  ${label.padEnd(24)}${cells.map((cell) => cell.padStart(12)).join("")}   ${ratio}`.trimEnd();
}

function renderHistogram({ kit, floor, peer }: ReportedLoad): string[] {
  const labels = [
    ...HISTOGRAM_BOUNDS_MS.map((bound) => `< ${String(bound)}`),
    `≥ ${String(HISTOGRAM_BOUNDS_MS.at(-1))}`,
  ];
  const row = (label: string, cells: readonly string[]) =>
    `  ${label.padEnd(9)}${cells.map((cell) => cell.padStart(7)).join("")}`;
  const counts = (label: string, { histogram }: Figures) => row(label, histogram.map(String));
  return [row("", labels), counts("kit", kit), counts("floor", floor), ...(peer ? [counts("Node-RED", peer)] : [])];
}

export function renderTally(name: string, tally: Tally): string {
  const { answered, lost, usages } = tally;
  const verdict = isExact(tally)
    ? "none lost, none twice"
    : `NOT ONE EACH, ${String(lost)} answers without a usage in time`;
  return `${name}: ${String(answered)} answers, ${String(usages)} usages in the ERP (warm-up included): ${verdict}.`;
}

function ms(value: number): string {
  return `${value.toFixed(2)} ms`;
}

function times({ ratio, lowest, highest }: { ratio: number; lowest: number; highest: number }): string {
  return `${ratio.toFixed(2)} (${lowest.toFixed(2)} to ${highest.toFixed(2)})`;
}
