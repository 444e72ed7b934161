import type { ErpReport } from "./erp.ts";
import type { AddressFigures } from "./erp-addresses.ts";
import { MILLION } from "./erp-million.ts";
import type { ComparedLoad } from "./erp-rounds.ts";
import type { Figures } from "./figures.ts";
import { renderGoal } from "./goals.ts";
import { renderMachine } from "./machine.ts";

const INSTALL = [
  "Mockoon beside it: npm install --prefix <folder> @mockoon/cli@9, then npm run bench -- erp --mockoon <folder>.",
];
const PEER = ["Mockoon's CLI answers the same JSON and keeps nothing; it gets an eighth of the calls."];

const METHOD = [
  "GET /device/switch, a check-in of each device in turn, by undici with nothing pipelined, from another process. The kit is",
  "the bundled ERP in safe mode: three look-ups, and the usage, which is its row in the journal. The floor is bare restify",
  "and one INSERT. Both commit in groups and sync each commit. CPU is that of the side that is called.",
];

export function renderErp({ machine, calls, filled, busy, addresses, goals }: ErpReport): string {
  const hasPeer = calls.loads.some(({ peer }) => peer !== undefined);
  const lines = [
    `Rounds of each side, alternating: ${String(calls.rounds)}, then ${String(filled.rounds)}. Figures are medians over the rounds.`,
    renderMachine(machine),
    "The last column is the ratio of the medians, in brackets the lowest and the highest of a pair of rounds.",
    ...METHOD,
    ...(hasPeer ? PEER : INSTALL),
    ...calls.loads.flatMap((load) => renderLoad(load, ["kit", "floor", "Mockoon", "kit ÷ floor"])),
    "",
    renderMillion(),
    ...filled.loads.flatMap((load) => renderLoad(load, ["full", "empty", "", "full ÷ empty"])),
    "",
    `The same call, alone, while the three reports of each period are asked for back to back (${String(busy.reports)} meanwhile): p50 ${ms(busy.p50Ms)}, p99 ${ms(busy.p99Ms)}`,
    "",
    `  ${"asked 20 times in a row".padEnd(72)}${["median", "worst", "kB"].map((cell) => cell.padStart(11)).join("")}`,
    ...addresses.map(renderAddress),
    "",
    ...goals.map((goal) => renderGoal(goal, Number.isInteger(goal.measured) ? 0 : 2)),
  ];
  return `${lines.join("\n")}\n`;
}

function renderMillion(): string {
  const { clients, devices, usages } = MILLION;
  const count = (value: number) => value.toLocaleString("en");
  return (
    `A year of ${count(clients)} clients with ${count(devices)} devices: ${count(usages)} usages, every third ended by a ` +
    "call of its own. The empty store has the demo's devices."
  );
}

type Head = [kit: string, floor: string, peer: string, ratio: string];

function renderLoad({ name, count, kit, floor, peer, ratios }: ComparedLoad, head: Head): string[] {
  const sides = [kit, floor, ...(peer ? [peer] : [])];
  const line = (label: string, cells: readonly string[], ratio = "") =>
    `  ${label.padEnd(20)}${cells.map((cell) => cell.padStart(12)).join("")}   ${ratio}`.trimEnd();
  const row = (label: string, format: (figures: Figures) => string, ratio?: string) =>
    line(label, sides.map(format), ratio);
  return [
    "",
    `${name}, ${String(count)} calls a round`,
    line("", head.slice(0, sides.length), head[3]),
    row("calls per second", ({ flowsPerSecond }) => flowsPerSecond.toFixed(0), times(ratios.flowsPerSecond)),
    row("p50", ({ p50Ms }) => ms(p50Ms), times(ratios.p50)),
    row("p99", ({ p99Ms }) => ms(p99Ms), times(ratios.p99)),
    row("CPU per call", ({ cpuPerFlowUs }) => `${cpuPerFlowUs.toFixed(0)} µs`, times(ratios.cpuPerFlow)),
  ];
}

function renderAddress({ path, status, medianMs, worstMs, bytes }: AddressFigures): string {
  const cells = status === 200 ? [ms(medianMs), ms(worstMs), (bytes / 1_000).toFixed(1)] : [String(status), "", ""];
  return `  ${path.padEnd(72)}${cells.map((cell) => cell.padStart(11)).join("")}`;
}

function ms(value: number): string {
  return `${value.toFixed(2)} ms`;
}

function times({ ratio, lowest, highest }: { ratio: number; lowest: number; highest: number }): string {
  return `${ratio.toFixed(2)} (${lowest.toFixed(2)} to ${highest.toFixed(2)})`;
}
