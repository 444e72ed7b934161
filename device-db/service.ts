/**
 * The device database: broker, device registry, journal of events and their deliveries to the ERP.
 * It never talks to the bot other than through the broker, and never deletes a delivery.
 */
import { join } from "node:path";
import type { Clock } from "../plumbing/clock.ts";
import type { Log } from "../plumbing/log.ts";
import { hashSecret, sameSecret } from "../plumbing/secret.ts";
import { type Identity, SERVICE_USERS } from "./access.ts";
import { type Broker, startBroker } from "./broker.ts";
import { startCommands } from "./commands.ts";
import type { DeviceDbConfig } from "./config.ts";
import { startDeliveries } from "./deliveries.ts";
import { startEdge } from "./edge.ts";
import { openErpClient } from "./erp-client.ts";
import { openExternalBroker } from "./external-broker.ts";
import { openFlowStreams } from "./flow-streams.ts";
import { startFlowSweeper } from "./flow-sweeper.ts";
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
  broker.onConnect(registry.announceAll);
  const commands = opening.adopt(startCommands({ store, twins, broker, clock, log }), (open) => open.close());
  ingest({ broker, store, reportScents: config.reportScents, deliveries, twins, commands, clock, log });

  const streams = openFlowStreams(store.flow, clock);
  opening.adopt(startFlowSweeper({ flow: store.flow, clock, log }), (sweeper) => sweeper.close());
  const parts = { store, deliveries, erp, broker, registry, commands, streams, clock, log };
  const http = opening.adopt(await startEdge(config, parts), (server) => server.close());
  // A stream is a connection that the listener would wait for.
  opening.defer(streams.close);
  // No call begins from the first moment of the end on; those under way have the time in which everything else ends.
  opening.defer(() => void deliveries.close());
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
