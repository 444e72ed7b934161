/** The bundled Katlai ERP: the documented call that a device database makes, on SQLite. */
import { join } from "node:path";
import { type Clock, isoTime } from "../plumbing/clock.ts";
import { startHttp } from "../plumbing/http.ts";
import type { Log } from "../plumbing/log.ts";
import { publicEdge } from "../plumbing/public-edge.ts";
import { countRequests } from "../plumbing/request-counts.ts";
import type { ErpConfig } from "./config.ts";
import { DEMO_DATA } from "./demo.ts";
import { createInvitations } from "./invitations.ts";
import { startRetention } from "./retention.ts";
import { erpRoutes } from "./routes.ts";
import { createSessions } from "./sessions.ts";
import { createSettings } from "./settings.ts";
import { createSignIn } from "./sign-in.ts";
import { type ErpStore, type MasterData, openErpStore } from "./store.ts";

export async function startErp(config: ErpConfig, deps: { clock: Clock; log: Log }) {
  const log = deps.log.child({ service: "erp" });
  await using opening = new AsyncDisposableStack();
  const store = opening.adopt(openErpStore(join(config.dataDir, "erp.sqlite")), (open) => open.close());
  if (config.seed === "demo") await store.seed(masterData(config), isoTime(deps.clock.now()));
  const office = openOffice(config, { ...deps, store });
  opening.adopt(startRetention({ ...store, ...deps, log }), (sweeper) => sweeper.close());
  const requests = countRequests();
  const { routes, formatError } = erpRoutes({ config, store, clock: deps.clock, log, requests, ...office });
  const { host, port } = config;
  const http = opening.adopt(
    await startHttp({
      host,
      port,
      portSetting: "ERP_PORT",
      log,
      requests,
      routes,
      formatError,
      ...publicEdge(config.publicUrl),
    }),
    (server) => server.close(),
  );
  const owned = opening.move();
  return {
    url: http.url,
    port: http.port,
    /** Where the first admin is made, until one can sign in. */
    setUpUrl: (): string | null => {
      const path = office.invitations.setUpPath();
      return path === undefined ? null : http.url + path;
    },
    close: () => owned.disposeAsync(),
  };
}

/** Who comes in, and what they may set. */
function openOffice(config: ErpConfig, { store, clock }: { store: ErpStore; clock: Clock }) {
  const { publicUrl, allow, mode, proxies = [] } = config;
  return {
    settings: createSettings(store.settings, { allow, proxies, mode }),
    sessions: createSessions({ store: store.sessions, clock, publicUrl }),
    signIn: createSignIn({ users: store.users, clock, publicUrl }),
    invitations: createInvitations({ users: store.users, clock }),
  };
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
