/** The simulated AromaPod Pros: one MQTT connection each. It never talks to the bot, the device database or the ERP. */
import { join } from "node:path";
import type { Clock } from "../plumbing/clock.ts";
import { healthRoutes } from "../plumbing/health.ts";
import { startHttp } from "../plumbing/http.ts";
import type { Log } from "../plumbing/log.ts";
import { countRequests } from "../plumbing/request-counts.ts";
import type { DeviceSimConfig } from "./config.ts";
import { startSimulatedPod } from "./simulated-pod.ts";
import { openPodStore } from "./store.ts";

export async function startDeviceSim(config: DeviceSimConfig, deps: { clock: Clock; log: Log }) {
  const log = deps.log.child({ service: "device-sim" });
  await using opening = new AsyncDisposableStack();
  const store = opening.adopt(openPodStore(join(config.dataDir, "device-sim.sqlite")), (open) => open.close());
  await store.register(config.pods.map(({ serial }) => serial));
  const pods: ReturnType<typeof startSimulatedPod>[] = [];
  const connected = () => pods.every((pod) => pod.connected());
  /** A pod that is disabled at the broker is refused, and nobody waits for it. */
  const ready = () => pods.every((pod) => pod.connected() || pod.refused());
  const requests = countRequests();
  const http = opening.adopt(
    await startHttp({
      host: config.host,
      port: config.port,
      portSetting: "DEVICE_SIM_PORT",
      log,
      requests,
      routes: healthRoutes({
        requests,
        checks: { broker: connected },
        metrics: () => [{ name: "device_sim_pods", help: "Simulated pods.", value: pods.length }],
      }),
    }),
    (server) => server.close(),
  );
  opening.defer(async () => {
    await Promise.all(pods.map((pod) => pod.close()));
  });
  const broker = { url: config.mqttUrl, ca: config.mqttCa };
  for (const account of config.pods)
    pods.push(startSimulatedPod({ ...account, broker }, { store, clock: deps.clock, log }));
  const owned = opening.move();
  return { url: http.url, ready, close: () => owned.disposeAsync() };
}
