import type { Clock } from "../plumbing/clock.ts";
import type { Metric } from "../plumbing/metrics.ts";
import type { BreakerState } from "./breaker.ts";
import type { Broker } from "./broker.ts";
import { DELIVERY_STATES } from "./contract.ts";
import type { Deliveries } from "./deliveries.ts";
import type { FlowStreams } from "./flow-streams.ts";
import type { DeviceDbStore } from "./store.ts";

type Sources = {
  store: Pick<DeviceDbStore, "deliveries">;
  deliveries: Pick<Deliveries, "figures">;
  broker: Pick<Broker, "connections" | "refusals">;
  streams: Pick<FlowStreams, "listeners">;
  clock: Clock;
};

const BREAKER_STATES: readonly BreakerState[] = ["closed", "open", "half-open"];

/** What the device database says of itself at `/metrics`; docs/metrics.md says what to make of it. */
export function figures({ store, deliveries, broker, streams, clock }: Sources): Metric[] {
  const { outcomes, breaker } = deliveries.figures();
  const { created, ...byState } = store.deliveries.counts();
  const oldestAt = store.deliveries.oldestOpenAt();
  const lagS = oldestAt === null ? 0 : Math.max(0, clock.now() - oldestAt) / 1_000;
  return [
    ...DELIVERY_STATES.map((state) =>
      gauge("deliveries", "Deliveries to the ERP by state.", byState[state], { state }),
    ),
    counter("deliveries_created_total", "Deliveries that ever were.", created),
    gauge("delivery_lag_seconds", "Age of the oldest open delivery, 0 when none is open.", lagS),
    ...Object.entries(outcomes).map(([proof, number]) =>
      counter("erp_calls_total", "Calls of the ERP by what came of them.", number, { proof }),
    ),
    ...BREAKER_STATES.map((state) =>
      gauge("erp_breaker", "1 at the state that the breaker is in.", Number(state === breaker), { state }),
    ),
    gauge("lanes_paused", "Lanes that wait for somebody to resume them.", store.deliveries.lanes.paused().length),
    gauge("broker_connections", "Clients connected to the embedded broker.", broker.connections()),
    ...Object.entries(broker.refusals()).map(([what, number]) =>
      counter("broker_refusals_total", "What the embedded broker refused.", number, { what }),
    ),
    gauge("flow_listeners", "Browsers and programs that look at the live flow.", streams.listeners()),
  ];
}

type Labels = Record<string, string>;

function gauge(...[name, help, value, labels]: [name: string, help: string, value: number, labels?: Labels]): Metric {
  return { name: `device_db_${name}`, help, value, ...(labels && { labels }) };
}

function counter(...figure: Parameters<typeof gauge>): Metric {
  return { ...gauge(...figure), type: "counter" };
}
