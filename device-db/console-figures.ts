import type { Clock } from "../plumbing/clock.ts";
import { chip, span, type Tone } from "../plumbing/page-parts.ts";
import type { BreakerState } from "./breaker.ts";
import type { Broker } from "./broker.ts";
import type { DeviceDbConfig } from "./config.ts";
import type { HealthView } from "./console-health.ts";
import type { Deliveries } from "./deliveries.ts";
import type { FlowStreams } from "./flow-streams.ts";
import { ALL_LANES } from "./lane-store.ts";
import { MIGRATIONS } from "./migrations.ts";
import type { DeviceDbStore } from "./store.ts";

type Sources = {
  store: Pick<DeviceDbStore, "deliveries">;
  deliveries: Pick<Deliveries, "figures">;
  broker: Pick<Broker, "connections" | "refusals" | "url">;
  streams: Pick<FlowStreams, "listeners">;
  erp: DeviceDbConfig["erp"];
  checks: Record<string, () => boolean>;
  clock: Clock;
};

const SETTLED_BY: Record<Sources["erp"]["settle"], string> = {
  key: "sent again under the key",
  ref: "asked for by reference",
  count: "told by the ERP’s count",
  operator: "settled by a person",
};

const BREAKER: Record<BreakerState, Tone> = { closed: "good", "half-open": "warn", open: "bad" };

/** How this part is, in words and numbers for people. */
export function healthView({ store, deliveries, broker, streams, erp, checks, clock }: Sources): HealthView {
  const { outcomes, breaker } = deliveries.figures();
  const oldestAt = store.deliveries.oldestOpenAt();
  const paused = store.deliveries.lanes.paused();
  const refusals = Object.values(broker.refusals()).reduce((sum, number) => sum + number, 0);
  return {
    checks: Object.entries(checks).map(([name, check]) => ({ name, ok: check() })),
    counts: store.deliveries.counts(),
    groups: [
      {
        title: "ERP",
        rows: [
          ["Address", erp.url],
          ["Breaker", chip(BREAKER[breaker], breaker)],
          ["Unseen answers", SETTLED_BY[erp.settle]],
          ["At a time", erp.concurrency],
          ["Per second", erp.rate ?? "no limit"],
        ],
      },
      { title: "Calls of the ERP since the start", rows: Object.entries(outcomes) },
      {
        title: "Backlog",
        rows: [
          ["Oldest open delivery", oldestAt === null ? null : span(Math.max(0, clock.now() - oldestAt))],
          [
            "Paused lanes",
            paused.length === 0
              ? null
              : chip("warn", paused.map(({ serial }) => (serial === ALL_LANES ? "all" : serial)).join(", ")),
          ],
        ],
      },
      {
        title: "Broker",
        rows: [
          ["Address", broker.url],
          ["Connections", broker.connections()],
          ["Refused", refusals],
          ["Live views", streams.listeners()],
        ],
      },
      { title: "Process", rows: processRows() },
    ],
  };
}

function processRows(): (readonly [string, string])[] {
  const { idle, active } = performance.eventLoopUtilization();
  const megabytes = process.memoryUsage.rss() / 2 ** 20;
  return [
    ["Node", process.version],
    ["Store", `version ${String(MIGRATIONS.length)}`],
    ["Up", span(process.uptime() * 1_000)],
    ["Memory", `${megabytes.toFixed(0)} MB`],
    ["Event loop busy", `${((100 * active) / Math.max(1, idle + active)).toFixed(1)} %`],
  ];
}
