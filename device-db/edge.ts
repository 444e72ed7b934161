import type { Clock } from "../plumbing/clock.ts";
import { healthRoutes } from "../plumbing/health.ts";
import { startHttp } from "../plumbing/http.ts";
import { problem } from "../plumbing/http-reply.ts";
import type { Log } from "../plumbing/log.ts";
import { publicEdge } from "../plumbing/public-edge.ts";
import { countRequests } from "../plumbing/request-counts.ts";
import type { Broker } from "./broker.ts";
import type { Commands } from "./commands.ts";
import type { DeviceDbConfig } from "./config.ts";
import { healthView } from "./console-figures.ts";
import { openConsole } from "./console-routes.ts";
import type { Deliveries } from "./deliveries.ts";
import { createDeliveryOperations } from "./delivery-operations.ts";
import { deliveryRoutes } from "./delivery-routes.ts";
import { deviceRoutes } from "./device-routes.ts";
import type { ErpClient } from "./erp-client.ts";
import { figures } from "./figures.ts";
import { flowRoutes } from "./flow-routes.ts";
import type { FlowStreams } from "./flow-streams.ts";
import { createGuard } from "./guard.ts";
import type { Registry } from "./registry.ts";
import type { DeviceDbStore } from "./store.ts";

type Parts = {
  store: DeviceDbStore;
  deliveries: Deliveries;
  erp: ErpClient;
  broker: Broker;
  registry: Registry;
  commands: Commands;
  streams: FlowStreams;
  clock: Clock;
  log: Log;
};

/** What is reached over HTTP: the console, the API, health and figures. */
export function startEdge(config: DeviceDbConfig, parts: Parts) {
  const { store, broker, log } = parts;
  const guard = createGuard(config, parts.clock);
  const operations = createDeliveryOperations({ ...parts, target: config.erp });
  const requests = countRequests();
  const checks = { store: () => store.registry.list().length > 0, broker: broker.connected };
  const health = () => healthView({ ...parts, erp: config.erp, checks });
  const pages = openConsole({ ...parts, operations, guard, health, erp: config.erp });
  return startHttp({
    host: config.host,
    port: config.port,
    portSetting: "DEVICE_DB_PORT",
    log,
    requests,
    ...publicEdge(config.publicUrl),
    formatError: (error, _path, request) => pages.errorReply(error, request) ?? problem(error),
    routes: [
      ...pages.routes,
      ...deviceRoutes({ ...parts, guard }),
      ...deliveryRoutes({ store, operations, guard }),
      ...flowRoutes({ ...parts, guard }),
      ...healthRoutes({ requests, checks, metrics: () => figures(parts) }),
    ],
  });
}
