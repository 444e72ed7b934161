import type { SideName } from "./contestant.ts";
import { type Comparison, type Figures, HISTOGRAM_BOUNDS_MS } from "./figures.ts";
import { type Machine, renderMachine } from "./machine.ts";

export type Tally = { answered: number; lost: number; usages: number };

export type Report = {
  chain: string;
  machine: Machine;
  rounds: number;
  loads: (Comparison & { name: string; inFlight: number; restMs: number; flowsPerRound: number })[];
  /** Warm-up included. */
  tally: Record<SideName, Tally>;
  ok: boolean;
};

type Row = [label: string, kit: string, floor: string, ratio: string];

export function renderReport(report: Report): string {
  const lines = [
    `Chain: ${report.chain}. Rounds of each side, alternating: ${String(report.rounds)}. Figures are medians over the rounds.`,
    renderMachine(report.machine),
    "CPU per flow is that of the side's whole process, the guests' HTTP clients included, on both sides alike.",
    "kit ÷ floor is the ratio of the medians, in brackets the lowest and the highest of a pair of rounds.",
    ...report.loads.flatMap((load) => ["", ...renderLoad(load)]),
    "",
    "Latency alone, flows of all rounds (ms)",
    ...renderHistogram(report.loads[0]),
    "",
    ...(["kit", "floor"] as const).map((name) => renderTally(name, report.tally[name])),
  ];
  return `${lines.join("\n")}\n`;
}

function renderLoad(load: Report["loads"][number]): string[] {
  const { kit, floor, ratios } = load;
  const row = (label: string, format: (figures: Figures) => string, ratio = ""): Row => {
    return [label, format(kit), format(floor), ratio];
  };
  // With a rest between two flows this would tell the length of the rest.
  const perSecond = row(
    "flows per second",
    ({ flowsPerSecond }) => flowsPerSecond.toFixed(0),
    times(ratios.flowsPerSecond),
  );
  const rows: Row[] = [
    ["", "kit", "floor", "kit ÷ floor"],
    row("p50", ({ p50Ms }) => ms(p50Ms), times(ratios.p50)),
    row("p99", ({ p99Ms }) => ms(p99Ms), times(ratios.p99)),
    ...(load.restMs === 0 ? [perSecond] : []),
    row("CPU per flow", ({ cpuPerFlowUs }) => `${cpuPerFlowUs.toFixed(0)} µs`, times(ratios.cpuPerFlow)),
    row("slowest flow", ({ slowestMs }) => ms(slowestMs)),
  ];
  if (load.inFlight === 1) {
    rows.push(
      row("flows of 40 ms or more", ({ flowsFrom40Ms, flows }) => `${String(flowsFrom40Ms)} of ${String(flows)}`),
    );
  }
  const lines = rows.map(([label, kitCell, floorCell, ratio]) => {
    return `  ${label.padEnd(24)}${kitCell.padStart(12)}${floorCell.padStart(12)}   ${ratio}`.trimEnd();
  });
  return [`${load.name}, ${String(load.flowsPerRound)} flows a round`, ...lines];
}

function renderHistogram(load: Report["loads"][number] | undefined): string[] {
  const labels = [
    ...HISTOGRAM_BOUNDS_MS.map((bound) => `< ${String(bound)}`),
    `≥ ${String(HISTOGRAM_BOUNDS_MS.at(-1))}`,
  ];
  const line = (label: string, cells: readonly string[]) =>
    `  ${label.padEnd(8)}${cells.map((cell) => cell.padStart(7)).join("")}`;
  const counts = (figures: Figures | undefined) => figures?.histogram.map(String) ?? [];
  return [line("", labels), line("kit", counts(load?.kit)), line("floor", counts(load?.floor))];
}

function renderTally(name: SideName, { answered, lost, usages }: Tally): string {
  const isExact = lost === 0 && answered === usages;
  const verdict = isExact ? "none lost, none twice" : `NOT ONE EACH, ${String(lost)} answers without a usage in time`;
  return `${name}: ${String(answered)} answers, ${String(usages)} usages in the ERP (warm-up included): ${verdict}.`;
}

function ms(value: number): string {
  return `${value.toFixed(2)} ms`;
}

function times({ ratio, lowest, highest }: { ratio: number; lowest: number; highest: number }): string {
  return `${ratio.toFixed(2)} (${lowest.toFixed(2)} to ${highest.toFixed(2)})`;
}
