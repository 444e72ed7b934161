/** The simulated AromaPod Pros: one MQTT connection each. It never talks to the bot, the device database or the ERP. */
import { join } from "node:path";
import { type Clock, speedUp } from "../plumbing/clock.ts";
import { healthRoutes } from "../plumbing/health.ts";
import { startHttp } from "../plumbing/http.ts";
import type { Log } from "../plumbing/log.ts";
import { countRequests } from "../plumbing/request-counts.ts";
import type { DeviceSimConfig } from "./config.ts";
import { createGuard } from "./guard.ts";
import { openPages } from "./page-routes.ts";
import { podRoutes } from "./pod-routes.ts";
import { openPodStreams } from "./pod-streams.ts";
import { openPods, type Pods } from "./pods.ts";
import { openPodStore } from "./store.ts";

/** `time` is the pods' own; without it, it goes as fast as the settings say. */
type Deps = { clock: Clock; log: Log; time?: Clock };

export async function startDeviceSim(config: DeviceSimConfig, deps: Deps) {
  const { clock, time = speedUp(clock, config.speed) } = deps;
  const log = deps.log.child({ service: "device-sim" });
  await using opening = new AsyncDisposableStack();
  const store = opening.adopt(openPodStore(join(config.dataDir, "device-sim.sqlite")), (open) => open.close());
  await store.register(
    config.pods.map(({ serial }) => serial),
    time.now(),
  );
  const view = (serial: string) => pods.find(serial)?.view();
  const streams = opening.adopt(openPodStreams(view, { clock, log }), (open) => open.close());
  const pods: Pods = openPods(
    { url: config.mqttUrl, ca: config.mqttCa },
    { store, clock, time, log, watch: { changed: streams.changed } },
  );
  const http = opening.adopt(await startEdge(config, { pods, streams, log }), (server) => server.close());
  opening.defer(() => pods.close());
  // A stream is a connection that the listener would wait for.
  opening.defer(streams.close);
  for (const account of config.pods) pods.add(account);
  const owned = opening.move();
  /** A pod that is disabled at the broker is refused, and nobody waits for it. */
  const ready = () => pods.all().every((pod) => pod.connected() || pod.refused());
  return { url: http.url, ready, close: () => owned.disposeAsync() };
}

type Parts = { pods: Pods; streams: ReturnType<typeof openPodStreams>; log: Log };

function startEdge(config: DeviceSimConfig, { pods, streams, log }: Parts) {
  const guard = createGuard(config.operatorKey);
  const pages = openPages({ pods, streams, guard, timeZone: config.timeZone });
  const requests = countRequests();
  const connected = () => pods.all().every((pod) => pod.connected());
  return startHttp({
    host: config.host,
    port: config.port,
    portSetting: "DEVICE_SIM_PORT",
    log,
    requests,
    formatError: (error, _path, request) => pages.errorReply(error, request),
    routes: [
      ...pages.routes,
      ...podRoutes({ pods, streams, guard }),
      ...healthRoutes({
        requests,
        checks: { broker: connected },
        metrics: () => [{ name: "device_sim_pods", help: "Simulated pods.", value: pods.all().length }],
      }),
    ],
  });
}
