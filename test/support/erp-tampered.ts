/** The same ERP with a hole of our own making, for tests that have to find one. */
import { copyFileSync } from "node:fs";
import { type Asked, type ErpRoute, guardRoutes } from "../../erp-stub/access.ts";
import { backOfficeRoutes } from "../../erp-stub/back-office.ts";
import { createFaults } from "../../erp-stub/faults.ts";
import { createInvitations } from "../../erp-stub/invitations.ts";
import { erpRoutes } from "../../erp-stub/routes.ts";
import { createSessions } from "../../erp-stub/sessions.ts";
import { createSettings } from "../../erp-stub/settings.ts";
import { createSignIn } from "../../erp-stub/sign-in.ts";
import { openErpStore } from "../../erp-stub/store.ts";
import { startHttp } from "../../plumbing/http.ts";
import { createLog } from "../../plumbing/log.ts";
import { countRequests } from "../../plumbing/request-counts.ts";
import { manualClock } from "./clock.ts";
import type { World } from "./erp-world.ts";

export type Tamper = (route: ErpRoute) => ErpRoute;

/** Changes one route, and leaves all others. */
export function tamperWith(name: string, change: (route: ErpRoute) => Partial<ErpRoute>): Tamper {
  return (route) => (nameOf(route) === name ? { ...route, ...change(route) } : route);
}

/** A handler that forgets to which client somebody is bound. */
export function unbound({ handle }: ErpRoute): Pick<ErpRoute, "handle"> {
  return { handle: (asked: Asked) => handle({ ...asked, who: { ...asked.who, clientId: null } }) };
}

const nameOf = ({ method, path }: Pick<ErpRoute, "method" | "path">) => `${method} ${path}`;

/** Serves a copy of a world with its routes changed. */
export async function serveTampered({ snapshot, ...world }: World & { snapshot: string }, tamper: Tamper) {
  const file = `${snapshot}.${crypto.randomUUID()}`;
  copyFileSync(snapshot, file);
  const store = openErpStore(file);
  const { parts, office } = partsOf(store, world.apiKey);
  const { routes, formatError } = erpRoutes(parts);
  const tampered = guardRoutes(office.map(tamper), { ...parts, keys: store.keys, apiKey: world.apiKey });
  const byName = new Map(tampered.map((route) => [nameOf(route), route]));
  const http = await startHttp({
    host: "127.0.0.1",
    port: 0,
    portSetting: "ERP_PORT",
    log: parts.log,
    formatError,
    routes: routes.map((route) => byName.get(nameOf(route)) ?? route),
  });
  return {
    ...world,
    url: http.url,
    file,
    async [Symbol.asyncDispose]() {
      await http.close();
      await store.close();
    },
  };
}

function partsOf(store: ReturnType<typeof openErpStore>, apiKey: string) {
  const clock = manualClock();
  const publicUrl = undefined;
  const parts = {
    config: { apiKey, faults: true },
    store,
    clock,
    log: createLog("silent"),
    requests: countRequests(),
    settings: createSettings(store.settings, { allow: ["127.0.0.1"], proxies: [], mode: "safe" }),
    sessions: createSessions({ store: store.sessions, clock, publicUrl }),
    signIn: createSignIn({ users: store.users, clock, publicUrl }),
    invitations: createInvitations({ users: store.users, clock }),
  };
  const rest = { faults: createFaults(clock), css: "", execute: () => Promise.reject(new Error("Nobody calls this.")) };
  return { parts, office: backOfficeRoutes({ ...parts, ...rest }) };
}

/** What an ERP declares of its routes, without one that runs. */
export function declaredRoutes(file: string): ErpRoute[] {
  const store = openErpStore(file);
  const { office } = partsOf(store, "key");
  void store.close();
  return office;
}
