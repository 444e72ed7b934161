import { renderGoal } from "./goals.ts";
import type { GuestsReport } from "./guests.ts";
import { renderMachine } from "./machine.ts";
import { STEPS } from "./visit.ts";

const MOST_ERRORS = 10;

export function renderGuests(report: GuestsReport): string {
  const { kit, floor, guests, pods, arriveWithinMs } = report;
  const row = (label: string, cells: readonly string[]) =>
    `  ${label.padEnd(24)}${cells.map((cell) => cell.padStart(14)).join("")}`;
  const both = (label: string, figure: (side: typeof kit | typeof floor) => number) => {
    const [ofKit, ofFloor] = [figure(kit), figure(floor)];
    return row(label, [`${ofKit.toFixed(1)} ms`, `${ofFloor.toFixed(1)} ms`, (ofKit / ofFloor).toFixed(1)]);
  };
  const lines = [
    `${String(guests)} guests on ${String(pods)} pods, arriving within ${String(arriveWithinMs / 1_000)} s: each opens the page, hears the question, answers,`,
    "is thanked, and stays until the pod has confirmed. Reply: from posting the answer to the thanks on the stream.",
    "The floor says the same with nothing behind it; it was visited first, by the same guests.",
    renderMachine(report.machine),
    "",
    row("", ["kit", "floor", "kit ÷ floor"]),
    ...STEPS.map((step) => row(step, [String(kit.reached[step]), String(floor.reached[step])])),
    row("usages in the ERP", [String(kit.usages)]),
    both("reply, p50", ({ reply }) => reply.p50Ms),
    both("reply, p95", ({ reply }) => reply.p95Ms),
    both("reply, p99", ({ reply }) => reply.p99Ms),
    both("CPU per guest", ({ cpuPerGuestMs }) => cpuPerGuestMs),
    "",
    ...report.goals.map((goal) => renderGoal(goal)),
    ...[...floor.errors.map((error) => `floor: ${error}`), ...kit.errors].slice(0, MOST_ERRORS),
  ];
  return `${lines.join("\n")}\n`;
}
