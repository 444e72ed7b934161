import type { FleetFigures } from "../device-sim/fleet.ts";
import type { Quantiles } from "../plumbing/latencies.ts";
import type { readFleetBooks } from "./fleet-books.ts";
import { table } from "./table.ts";

/** What a run has come to. */
export type FleetReport = {
  /** Nothing is lost, there twice or without an answer. */
  ok: boolean;
  scenario: string;
  seed: number;
  pods: number;
  durationS: number;
  /** How many times as fast as ours the hotel's clock went. */
  speed: number;
  broker: string;
  /** `trouble` is why a pod was not. */
  connect: { pods: number; ms: number; trouble: string | null };
  messages: { total: number; perSecond: number; peakPerSecond: number };
  commands: FleetFigures["commands"];
  events: { made: number; waiting: number; ack: Quantiles };
  erp: Awaited<ReturnType<typeof readFleetBooks>>;
  /** What the pods take, less what there was before; of a few hundred it would say nothing of one. */
  memory: { rssBytes: number; perPodBytes: number | null };
  problems: string[];
};

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** How a run goes, in a line of so many columns or, if that is too narrow, in fewer words. */
export function progressLine(
  figures: FleetFigures,
  now: { perSecond: number; elapsedS: number; columns: number },
): string {
  const { connected, pods, trouble, commands, acknowledged } = figures;
  const failed = whole.format(commands.expired + commands.rejected + commands.unanswered);
  const [some, all, rate] = [connected, pods, now.perSecond].map((count) => whole.format(count));
  const [reply, ack] = [commands.latency, acknowledged].map(shortQuantiles);
  const why = trouble === undefined ? "" : ` (${trouble})`;
  const elapsed = `${String(now.elapsedS)} s`;
  const line = `${elapsed} · ${some} of ${all} connected${why} · ${rate} msg/s · p50/p95/p99 ms: reply ${reply}, ack ${ack} · ${failed} not carried out`;
  if (line.length <= now.columns) return line;
  return `${elapsed} ${some}/${all} up${why} ${rate}/s reply ${reply} ack ${ack} ms ${failed} failed`.slice(
    0,
    now.columns,
  );
}

export function fleetText(report: FleetReport): string {
  const { commands, events, erp, messages, connect } = report;
  const rows: [name: string, ...cells: string[]][] = [
    [
      "scenario",
      `${report.scenario}, seed ${String(report.seed)}, ${whole.format(report.durationS)} s, ${whole.format(report.speed)} times as fast`,
    ],
    ["broker", report.broker],
    [
      "connected",
      `${whole.format(connect.pods)} of ${whole.format(report.pods)} pods in ${(connect.ms / 1_000).toFixed(1)} s`,
    ],
    [
      "messages",
      `${whole.format(messages.total)}, ${whole.format(messages.perSecond)} a second, ${whole.format(messages.peakPerSecond)} at most`,
    ],
    [
      "commands",
      `${whole.format(commands.asked)}: ${whole.format(commands.accepted)} accepted, ${whole.format(commands.rejected)} rejected, ${whole.format(commands.expired)} expired, ${whole.format(commands.open + commands.unanswered)} unanswered`,
    ],
    ...Object.entries(commands.reasons).map(([reason, count]): [string, string] => [
      "",
      `${whole.format(count)} × ${reason}`,
    ]),
    ["command → reply", quantilesText(commands.latency)],
    ["event → ack", quantilesText(events.ack)],
    ["events", `${whole.format(events.made)} made, ${whole.format(events.waiting)} not acknowledged`],
    [
      "check-ins",
      `${whole.format(erp.checkIns)} made, ${whole.format(erp.usages)} usages in the ERP: ${whole.format(erp.lost)} lost, ${whole.format(erp.doubled)} twice`,
    ],
    ["memory", memoryText(report)],
  ];
  const verdict = report.ok
    ? "Every command was answered, and each check-in is one usage in the ERP."
    : report.problems.join("\n");
  return `${table(rows)}\n${verdict}\n`;
}

function memoryText({ pods, memory: { rssBytes, perPodBytes } }: FleetReport): string {
  const mb = (bytes: number) => `${whole.format(bytes / 1e6)} MB`;
  if (perPodBytes === null) return mb(rssBytes);
  return `${mb(rssBytes)}, ${mb(perPodBytes * pods)} of it for the pods: ${(perPodBytes / 1_000).toFixed(1)} kB each`;
}

function quantilesText({ count, p50Ms, p95Ms, p99Ms }: Quantiles): string {
  if (count === 0) return "–";
  return `p50 ${ms(p50Ms)}, p95 ${ms(p95Ms)}, p99 ${ms(p99Ms)}`;
}

function shortQuantiles({ count, p50Ms, p95Ms, p99Ms }: Quantiles): string {
  return count === 0 ? "–" : [p50Ms, p95Ms, p99Ms].map((value) => digits(value)).join("/");
}

function ms(value: number): string {
  return `${digits(value)} ms`;
}

function digits(value: number): string {
  return value < 10 ? value.toFixed(1) : whole.format(value);
}
