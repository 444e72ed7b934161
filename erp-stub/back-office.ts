/** Everything that needs a key or a sign-in: one table of routes, each with who may use it. */
import type { Clock } from "../plumbing/clock.ts";
import { page } from "../plumbing/http-reply.ts";
import type { ErpRoute } from "./access.ts";
import { accountRoutes, invitationPage, inviteBox, inviteUser } from "./account-pages.ts";
import { apiKeyPage } from "./api-key-page.ts";
import { auditRoutes } from "./audit-pages.ts";
import { customerStaffRoutes } from "./customer-staff-routes.ts";
import { dashboardRoutes } from "./dashboard.ts";
import { entrancePages } from "./entrance-pages.ts";
import { faultRoutes } from "./fault-routes.ts";
import type { Faults } from "./faults.ts";
import { createFrames, type FrameFor } from "./frame.ts";
import type { Invitations } from "./invitations.ts";
import { journalRoutes } from "./journal-pages.ts";
import { masterDataPages } from "./master-data-pages.ts";
import { masterDataRoutes } from "./master-data-routes.ts";
import { reportRoutes } from "./report-routes.ts";
import { createReports } from "./reports.ts";
import { type ResourcePagesDeps, resourcePages } from "./resource-pages.ts";
import { resourceRoutes } from "./resource-routes.ts";
import { roleRoutes } from "./role-routes.ts";
import type { Sessions } from "./sessions.ts";
import type { Settings } from "./settings.ts";
import { settingsRoutes } from "./settings-pages.ts";
import type { SignIn } from "./sign-in.ts";
import type { ErpStore } from "./store.ts";
import type { ExecuteSwitch } from "./switch-routes.ts";
import { usagePages } from "./usage-pages.ts";
import { usageRoutes } from "./usage-routes.ts";

export type BackOffice = {
  store: ErpStore;
  clock: Clock;
  settings: Settings;
  faults: Faults | undefined;
  sessions: Sessions;
  signIn: SignIn;
  invitations: Invitations;
  css: string;
  /** Carries out a call of `/device/switch`. */
  execute: ExecuteSwitch;
};

export function backOfficeRoutes(office: BackOffice): ErpRoute[] {
  const { store, clock } = office;
  const { operations } = store;
  const frameFor = createFrames(office);
  const shared = { clock, frameFor, operations };
  return [
    ...entrancePages(office),
    ...roleRoutes(),
    ...dashboardRoutes({ ...shared, store: store.dashboard }),
    ...resourceRoutes(shared),
    ...resourcePages({ ...shared, ...userPages(office, frameFor) }),
    ...usageRoutes({ ...shared, usages: store.usages }),
    ...usagePages({ ...shared, usages: store.usagePages }),
    ...reportRoutes({ ...shared, reports: createReports({ store: store.reports, clock }) }),
    ...customerStaffRoutes({ ...shared, customers: store.customers }),
    ...settingsRoutes({ ...shared, ...office }),
    ...(office.faults ? faultRoutes(office.faults) : []),
    ...accountRoutes({ ...shared, ...office }),
    ...masterDataRoutes(shared),
    ...masterDataPages(shared),
    ...journalRoutes({ frameFor, journal: store.journal, execute: office.execute }),
    ...auditRoutes({ frameFor, audit: store.audit }),
  ];
}

/** What is special about users and keys: how they get what they sign in with. */
function userPages(office: BackOffice, frameFor: FrameFor): Pick<ResourcePagesDeps, "afterAdding" | "beside"> {
  return {
    afterAdding: {
      users: async (asked, { row }) =>
        page(invitationPage({ asked, frameFor }, row, await inviteUser(office, asked, row.id))),
      "api-keys": async (asked, { row, key = "" }) => page(apiKeyPage({ asked, frameFor }, row, key)),
    },
    beside: { users: (asked, row) => inviteBox({ asked, frameFor }, row) },
  };
}
