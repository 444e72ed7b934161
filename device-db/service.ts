/**
 * The device database: broker, device registry, journal of events and their deliveries to the ERP.
 * It never talks to the bot other than through the broker, and never deletes a delivery.
 */
import { join } from "node:path";
import { podTopic } from "../device-sim/contract.ts";
import type { Clock } from "../plumbing/clock.ts";
import { healthRoutes } from "../plumbing/health.ts";
import { type HttpOptions, startHttp } from "../plumbing/http.ts";
import { problem } from "../plumbing/http-reply.ts";
import type { Log } from "../plumbing/log.ts";
import { countRequests } from "../plumbing/request-counts.ts";
import { hashSecret, sameSecret } from "../plumbing/secret.ts";
import { type Identity, SERVICE_USERS } from "./access.ts";
import { type Broker, startBroker } from "./broker.ts";
import { startCommands } from "./commands.ts";
import type { DeviceDbConfig } from "./config.ts";
import { healthView } from "./console-figures.ts";
import { openConsole } from "./console-routes.ts";
import { startDeliveries } from "./deliveries.ts";
import { createDeliveryOperations } from "./delivery-operations.ts";
import { deliveryRoutes } from "./delivery-routes.ts";
import { deviceRoutes } from "./device-routes.ts";
import { openErpClient } from "./erp-client.ts";
import { openExternalBroker } from "./external-broker.ts";
import { figures } from "./figures.ts";
import { flowRoutes } from "./flow-routes.ts";
import { openFlowStreams } from "./flow-streams.ts";
import { startFlowSweeper } from "./flow-sweeper.ts";
import { createGuard } from "./guard.ts";
import { ingest } from "./ingest.ts";
import { createRegistry } from "./registry.ts";
import { type DeviceDbStore, openDeviceDbStore } from "./store.ts";
import { openTwins } from "./twins.ts";

export async function startDeviceDb(config: DeviceDbConfig, deps: { clock: Clock; log: Log }) {
  const { clock } = deps;
  const log = deps.log.child({ service: "device-db" });
  await using opening = new AsyncDisposableStack();
  const store = opening.adopt(openDeviceDbStore(join(config.dataDir, "device-db.sqlite"), log), (open) => open.close());
  const { secret, ...firstDevice } = config.firstDevice;
  await store.registry.add({ ...firstDevice, simulated: true }, hashSecret(secret));
  const twins = opening.adopt(openTwins({ store: store.twins, clock, log }), (open) => open.close());

  const erp = opening.adopt(openErpClient(config.erp), (client) => client.close());
  const deliveries = opening.adopt(
    await startDeliveries({ store: store.deliveries, flow: store.flow, erp, target: config.erp, clock, log }),
    (worker) => worker.close(),
  );
  const broker = opening.adopt(await openBroker(config, store, log), (open) => open.close());
  const registry = createRegistry({ store: store.registry, twins, broker });
  const commands = opening.adopt(
    startCommands({
      store: store.commands,
      registry: store.registry,
      twins,
      flow: store.flow,
      publish: (serial, command) => broker.publish(podTopic(serial, "down/command"), command),
      clock,
      log,
    }),
    (open) => open.close(),
  );
  broker.onConnect(() => {
    registry.announceAll();
    commands.sendAllAgain();
  });
  ingest({ broker, store, reportScents: config.reportScents, deliveries, twins, commands, clock, log });

  const streams = openFlowStreams(store.flow, clock);
  opening.adopt(startFlowSweeper({ flow: store.flow, clock, log }), (sweeper) => sweeper.close());
  const guard = createGuard(config, clock);
  const operations = createDeliveryOperations({ store, deliveries, erp, target: config.erp, clock, log });
  const requests = countRequests();
  const checks = { store: () => store.registry.list().length > 0, broker: broker.connected };
  const health = () => healthView({ store, deliveries, broker, streams, erp: config.erp, checks, clock });
  const { routes, errorReply } = openConsole({ store, registry, commands, operations, guard, health, erp: config.erp });
  const http = opening.adopt(
    await startHttp({
      host: config.host,
      port: config.port,
      portSetting: "DEVICE_DB_PORT",
      log,
      requests,
      ...publicEdge(config),
      formatError: (error, _path, request) => errorReply(error, request) ?? problem(error),
      routes: [
        ...routes,
        ...deviceRoutes({ registry, commands, guard }),
        ...deliveryRoutes({ store, operations, guard }),
        ...flowRoutes({ store, streams, guard }),
        ...healthRoutes({
          requests,
          checks,
          metrics: () => figures({ store, deliveries, broker, streams, clock }),
        }),
      ],
    }),
    (server) => server.close(),
  );
  // A stream is a connection that the listener would wait for.
  opening.defer(streams.close);
  const owned = opening.move();
  return { url: http.url, mqttUrl: broker.url, close: () => owned.disposeAsync() };
}

/** A proxy of ours may hand on the name that it was called by, or put ours in its place. */
function publicEdge({ publicUrl }: DeviceDbConfig): Pick<HttpOptions, "publicHosts" | "isHttps"> {
  if (publicUrl === undefined) return {};
  const { hostname, protocol } = new URL(publicUrl);
  return { publicHosts: [hostname], isHttps: protocol === "https:" };
}

async function openBroker(config: DeviceDbConfig, store: DeviceDbStore, log: Log): Promise<Broker> {
  const { externalBroker, host, mqttPort: port, mqttSecrets } = config;
  if (externalBroker) return openExternalBroker(externalBroker, log);
  return startBroker({ host, port, log, identify: identifier(store, mqttSecrets) });
}

function identifier(store: DeviceDbStore, secrets: DeviceDbConfig["mqttSecrets"]) {
  const secretOf = { bot: secrets.bot, "device-db": secrets.deviceDb };
  return (username: string, password: string): Identity | undefined => {
    const role = SERVICE_USERS.find((user) => user === username);
    if (role) return sameSecret(password, secretOf[role]) ? { role } : undefined;
    const hash = store.registry.secretHash(username);
    return hash && sameSecret(hashSecret(password), hash) ? { role: "pod", serial: username } : undefined;
  };
}
