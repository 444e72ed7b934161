import type { Clock } from "../plumbing/clock.ts";
import { healthRoutes } from "../plumbing/health.ts";
import type { Route } from "../plumbing/http.ts";
import { type HttpError, json, page, type Reply } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import type { Log } from "../plumbing/log.ts";
import type { Metric } from "../plumbing/metrics.ts";
import type { RequestCounts } from "../plumbing/request-counts.ts";
import { guardRoutes } from "./access.ts";
import { backOfficeRoutes } from "./back-office.ts";
import { createCallJournal, type JournalCall } from "./call-journal.ts";
import { admitCaller, callerAddress } from "./caller.ts";
import type { ErpConfig } from "./config.ts";
import { customerRoutes } from "./customer-routes.ts";
import { docsRoutes } from "./docs-pages.ts";
import { createFaults, withoutFaults } from "./faults.ts";
import { problemWithFields } from "./field-errors.ts";
import type { Invitations } from "./invitations.ts";
import { readErpStyle } from "./page-assets.ts";
import { errorPage } from "./page-layout.ts";
import type { Sessions } from "./sessions.ts";
import type { Settings } from "./settings.ts";
import type { SignIn } from "./sign-in.ts";
import type { ErpStore } from "./store.ts";
import { createSwitch, SWITCH_PATH, switchRoutes } from "./switch-routes.ts";

const CUSTOMERS_PATH = "/api/customers";
/** What is for programs: there errors are for programs too. */
const NO_PAGE = /^\/(api|assets|metrics|livez|readyz)(\/|$)/;

type Parts = {
  config: Pick<ErpConfig, "apiKey" | "faults">;
  store: ErpStore;
  clock: Clock;
  log: Log;
  requests: RequestCounts;
  settings: Settings;
  sessions: Sessions;
  signIn: SignIn;
  invitations: Invitations;
};

export function erpRoutes(parts: Parts) {
  const { store, config, clock, requests, settings } = parts;
  const admit = admitCaller(settings);
  const { note, journalCall } = createCallJournal(
    { ...parts, journal: store.journal },
    callerAddress(settings.proxies),
  );
  const faults = config.faults ? createFaults(clock) : undefined;
  const { withFaults } = faults ?? { withFaults: withoutFaults };
  const style = readErpStyle();
  const execute = createSwitch({ ...parts, ...settings, note });
  const office = backOfficeRoutes({ ...parts, faults, css: style.css, execute });
  const documented = [
    ...switchRoutes({ execute, admit, withFaults }),
    ...customerRoutes({ ...store, clock, admit, journal: journalCall, withFaults }),
  ];
  const callers = documented.map((route) => ({ ...route, access: "caller" as const }));
  const docs = docsRoutes({ css: style.css, routes: () => [...callers, ...office] });
  const routes: Route[] = [
    ...documented,
    ...guardRoutes([...office, ...docs], { ...parts, keys: store.keys, apiKey: config.apiKey }),
    ...style.routes,
    ...healthRoutes({ requests, checks: { store: store.isReadable }, metrics: () => metricsOf(store) }),
  ];
  return { routes, formatError: errorFormat(journalCall, style.css) };
}

/** The documented endpoints have an error shape of their own, and a journal; everything else answers RFC 9457. */
function errorFormat(journalCall: JournalCall, css: string) {
  return (error: HttpError, path: string, request: HttpRequest): Reply => {
    if (!isDocumented(path, request, error)) return asPage(css, error, request) ?? problemWithFields(error);
    const answer = { error: error.message };
    journalCall({ request, path, status: error.status, answer });
    return json(answer, error.status, error.headers);
  };
}

/** An error as a page, for a browser that asked for one; `undefined` for all others. */
function asPage(css: string, error: HttpError, request: HttpRequest): Reply | undefined {
  const wantsPage = request.header("accept")?.includes("text/html") && !NO_PAGE.test(request.url);
  return wantsPage ? page(errorPage(css, error), error.status, error.headers) : undefined;
}

/** The staff reads customers at the address where others write them. */
function isDocumented(path: string, { raw }: HttpRequest, { status }: HttpError): boolean {
  const address = path.replace(/\/+$/, "");
  if (address === SWITCH_PATH) return true;
  return address === CUSTOMERS_PATH && (raw.req.method === "POST" || status === 405);
}

function metricsOf(store: ErpStore): Metric[] {
  const usages = [...store.usages.tally.counts()].map(([status, value]) => {
    return { name: "erp_usages", help: "Usages by their status.", value, labels: { status } };
  });
  const requests = [...store.journal.tally.counts()].map(([code, value]) => {
    return {
      name: "erp_requests_total",
      help: "Journaled calls by the answer's status code.",
      value,
      labels: { code: String(code) },
      type: "counter" as const,
    };
  });
  return [...usages, ...requests];
}
