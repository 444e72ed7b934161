import type { FleetBenchReport } from "./fleet.ts";
import { renderGoal } from "./goals.ts";
import { renderMachine } from "./machine.ts";

export function renderFleet({ pods, machine, bare, kit, goals }: FleetBenchReport): string {
  const row = (label: string, cells: readonly string[]) =>
    `  ${label.padEnd(28)}${cells.map((cell) => cell.padStart(14)).join("")}`;
  const both = (label: string, figure: (side: typeof kit) => number, unit: string) => {
    const digits = unit === "ms" ? 1 : 0;
    const cell = (value: number) => `${value.toFixed(digits)} ${unit}`.trim();
    return row(label, [cell(figure(kit)), cell(figure(bare)), (figure(kit) / figure(bare)).toFixed(2)]);
  };
  const lines = [
    `${String(pods)} simulated pods in one process, at a device database with its embedded broker in another; each is asked once.`,
    "Beside them, in the same run and at the same broker, as many bare MQTT.js clients: they accept every command, keep no",
    "state and report no events. RSS is what the process took for its pods, once what is garbage is gone.",
    renderMachine(machine),
    "",
    row("", ["pods", "bare MQTT.js", "pods ÷ bare"]),
    both("connected", (side) => side.connected, ""),
    both("until all were connected", (side) => side.connectMs, "ms"),
    both("commands answered", (side) => side.answered, ""),
    both("command → reply, p50", (side) => side.latency.p50Ms, "ms"),
    both("command → reply, p95", (side) => side.latency.p95Ms, "ms"),
    both("command → reply, p99", (side) => side.latency.p99Ms, "ms"),
    both("RSS for each", (side) => side.bytesPerPod, "bytes"),
    both("CPU of the process", (side) => side.cpuMs, "ms"),
    "",
    ...goals.map((goal) => renderGoal(goal)),
  ];
  return `${lines.join("\n")}\n`;
}
