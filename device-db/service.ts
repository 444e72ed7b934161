/**
 * The device database: broker, device registry, journal of events and their deliveries to the ERP.
 * It never talks to the bot other than through the broker, and never deletes a delivery.
 */
import { join } from "node:path";
import type { Clock } from "../plumbing/clock.ts";
import { healthRoutes } from "../plumbing/health.ts";
import { startHttp } from "../plumbing/http.ts";
import type { Log } from "../plumbing/log.ts";
import type { Metric } from "../plumbing/metrics.ts";
import { hashSecret, sameSecret } from "../plumbing/secret.ts";
import { type Identity, SERVICE_USERS } from "./access.ts";
import { type Broker, startBroker } from "./broker.ts";
import type { DeviceDbConfig } from "./config.ts";
import { DELIVERY_STATES, type Device, deviceTopic } from "./contract.ts";
import { startDeliveries } from "./deliveries.ts";
import { createDeliveryOperations } from "./delivery-operations.ts";
import { deliveryRoutes } from "./delivery-routes.ts";
import { deviceRoutes } from "./device-routes.ts";
import { openErpClient } from "./erp-client.ts";
import { openExternalBroker } from "./external-broker.ts";
import { flowRoutes } from "./flow-routes.ts";
import { openFlowStreams } from "./flow-streams.ts";
import { createGuard } from "./guard.ts";
import { ingest } from "./ingest.ts";
import { type DeviceDbStore, openDeviceDbStore } from "./store.ts";

export async function startDeviceDb(config: DeviceDbConfig, deps: { clock: Clock; log: Log }) {
  const { clock } = deps;
  const log = deps.log.child({ service: "device-db" });
  await using opening = new AsyncDisposableStack();
  const store = opening.adopt(openDeviceDbStore(join(config.dataDir, "device-db.sqlite"), log), (open) => open.close());
  const { secret, ...firstDevice } = config.firstDevice;
  await store.registry.add(firstDevice, hashSecret(secret));

  const erp = opening.adopt(openErpClient(config.erp), (client) => client.close());
  const deliveries = opening.adopt(
    await startDeliveries({ store: store.deliveries, erp, target: config.erp, clock, log }),
    (worker) => worker.close(),
  );
  const broker = opening.adopt(await openBroker(config, store, log), (open) => open.close());
  const announce = (device: Device) => broker.publish(deviceTopic(device.serial), device, true);
  broker.onConnect(() => {
    for (const device of store.registry.list()) announce(device);
  });
  ingest({ broker, store, reportScents: config.reportScents, deliveries, clock, log });

  const streams = openFlowStreams(store.flow);
  opening.defer(streams.close);
  const guard = createGuard(config, clock);
  const operations = createDeliveryOperations({ store, deliveries, erp, target: config.erp, clock, log });
  const http = opening.adopt(
    await startHttp({
      host: config.host,
      port: config.port,
      portSetting: "DEVICE_DB_PORT",
      log,
      routes: [
        ...deviceRoutes({ store, guard, onDeviceChanged: announce }),
        ...deliveryRoutes({ store, operations, guard }),
        ...flowRoutes({ store, streams, guard }),
        ...healthRoutes({
          checks: { store: () => store.registry.list().length > 0, broker: broker.connected },
          metrics: () => metrics(store, broker.connections()),
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

function metrics(store: DeviceDbStore, connections: number): Metric[] {
  const counts = store.deliveries.counts();
  return [
    { name: "device_db_broker_connections", help: "Clients connected to the embedded broker.", value: connections },
    ...DELIVERY_STATES.map((state) => ({
      name: "device_db_deliveries",
      help: "Deliveries to the ERP by state.",
      labels: { state },
      value: counts[state],
    })),
  ];
}
