/** The bundled Katlai ERP: the documented call that a device database makes, on SQLite. */
import { join } from "node:path";
import { type Clock, isoTime } from "../plumbing/clock.ts";
import { startHttp } from "../plumbing/http.ts";
import type { Log } from "../plumbing/log.ts";
import { countRequests } from "../plumbing/request-counts.ts";
import type { ErpConfig } from "./config.ts";
import { DEMO_DATA } from "./demo.ts";
import { erpRoutes, formatErpError } from "./routes.ts";
import { type MasterData, openErpStore } from "./store.ts";

export async function startErp(config: ErpConfig, deps: { clock: Clock; log: Log }) {
  const log = deps.log.child({ service: "erp" });
  await using opening = new AsyncDisposableStack();
  const store = opening.adopt(openErpStore(join(config.dataDir, "erp.sqlite")), (open) => open.close());
  if (config.seed === "demo") await store.seed(masterData(config), isoTime(deps.clock.now()));
  const requests = countRequests();
  const http = opening.adopt(
    await startHttp({
      host: config.host,
      port: config.port,
      portSetting: "ERP_PORT",
      log,
      requests,
      routes: erpRoutes({ config, store, clock: deps.clock, requests }),
      formatError: formatErpError,
    }),
    (server) => server.close(),
  );
  const owned = opening.move();
  return { url: http.url, port: http.port, close: () => owned.disposeAsync() };
}

function masterData({ hotel }: ErpConfig): MasterData {
  const { devices, schedules } = DEMO_DATA;
  if (!hotel) return DEMO_DATA;
  return {
    ...DEMO_DATA,
    devices: [...devices, ...hotel.devices],
    schedules: [...schedules, ...hotel.schedules],
  };
}
