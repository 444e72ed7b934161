import type { Html } from "../plumbing/html.ts";
import { HttpError } from "../plumbing/http-reply.ts";
import { readMqttContract } from "./asyncapi.ts";
import { deliveriesPage } from "./console-deliveries.ts";
import { deliveryPage } from "./console-delivery.ts";
import { devicePage, devicesPage } from "./console-devices.ts";
import { docsPage } from "./console-docs.ts";
import { flowPage, oneFlowPage } from "./console-flow.ts";
import { type HealthView, healthPage } from "./console-health.ts";
import type { FlowRow } from "./console-hops.ts";
import type { Frame } from "./console-layout.ts";
import type { RoomOf } from "./console-parts.ts";
import { DELIVERY_STATES, type FlowSummary } from "./contract.ts";
import type { DeliveryOperations } from "./delivery-operations.ts";
import type { Registry } from "./registry.ts";
import { viewSession } from "./session-view.ts";
import type { DeviceDbStore } from "./store.ts";

const FLOWS_SHOWN = 30;
const DELIVERIES_SHOWN = 50;

export type PagesDeps = {
  store: DeviceDbStore;
  registry: Pick<Registry, "views" | "view">;
  operations: Pick<DeliveryOperations, "detail">;
  health: () => HealthView;
};

export type Pages = ReturnType<typeof createPages>;

/** The pages of the console from what the store holds now. Those of one thing throw a 404 when there is no such thing. */
export function createPages({ store, registry, operations, health }: PagesDeps) {
  const roomOf: RoomOf = (serial) => {
    const device = store.registry.find(serial);
    return { room: device?.room ?? serial, zone: device?.timeZone ?? "UTC" };
  };

  const contract = readMqttContract();

  return {
    ...flowPages(store, roomOf),
    ...deliveryPages({ store, operations }, roomOf),
    devices: (frame: Frame) => devicesPage(frame, registry.views()),
    device: (frame: Frame, serial: string) => devicePage(frame, registry.view(serial)),
    health: (frame: Frame) => healthPage(frame, health()),
    docs: (frame: Frame) => docsPage(frame, contract),
    /** The document behind the page. */
    asyncApi: () => contract.text,
  };
}

function flowPages(store: DeviceDbStore, roomOf: RoomOf) {
  const rowOf = (flow: FlowSummary): FlowRow => ({ flow, hops: store.flow.hops(flow.id) });

  return {
    flow(frame: Frame, query: URLSearchParams): Html {
      const filter = { q: (query.get("q") ?? "").slice(0, 100), onlyFailed: query.has("failed") };
      // Asked first: a hop that comes meanwhile is then told twice rather than never.
      const after = store.flow.newestHop();
      const { q, onlyFailed } = filter;
      const rows = store.flow.list({ limit: FLOWS_SHOWN, q, ...(onlyFailed && { failed: "1" }) }).map(rowOf);
      return flowPage(frame, { rows, filter, after, devices: store.registry.list(), roomOf });
    },

    oneFlow(frame: Frame, id: string): Html {
      const flow = store.flow.find(id);
      if (!flow) throw new HttpError(404, "No flow has this id.");
      const session = viewSession(store, id);
      const delivery = session?.delivery ?? store.deliveries.detail(id) ?? null;
      return oneFlowPage(frame, { row: rowOf(flow), session, delivery, roomOf });
    },
  };
}

function deliveryPages({ store, operations }: Pick<PagesDeps, "store" | "operations">, roomOf: RoomOf) {
  return {
    deliveries(frame: Frame, query: URLSearchParams): Html {
      const state = DELIVERY_STATES.find((known) => known === query.get("state"));
      const serial = query.get("serial") ?? undefined;
      const before = query.get("before") ?? undefined;
      const found = store.deliveries.list({ state, serial, before, limit: DELIVERIES_SHOWN + 1 });
      const rows = found.slice(0, DELIVERIES_SHOWN).map(({ id }) => operations.detail(id));
      const more = found.length > rows.length ? rows.at(-1)?.id : undefined;
      const { counts, lanes } = store.deliveries;
      return deliveriesPage(frame, { state, serial, rows, more, counts: counts(), paused: lanes.paused(), roomOf });
    },

    /** With the reason that was given, if it has to be given again. */
    delivery(frame: Frame, id: string, reason = ""): Html {
      const delivery = operations.detail(id);
      const flowId = store.deliveries.find(id)?.flow_id ?? id;
      const hasFlow = store.flow.find(flowId) !== undefined;
      return deliveryPage(frame, { delivery, flowId: hasFlow ? flowId : undefined, roomOf, reason });
    },
  };
}
