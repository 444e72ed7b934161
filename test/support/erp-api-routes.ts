import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { auditRoutes } from "../../erp-stub/audit-pages.ts";
import { backOfficeRoutes } from "../../erp-stub/back-office.ts";
import { customerStaffRoutes } from "../../erp-stub/customer-staff-routes.ts";
import { faultRoutes } from "../../erp-stub/fault-routes.ts";
import { journalRoutes } from "../../erp-stub/journal-pages.ts";
import { masterDataRoutes } from "../../erp-stub/master-data-routes.ts";
import type { ApiRoute } from "../../erp-stub/openapi-parts.ts";
import { openErpStore } from "../../erp-stub/store.ts";
import { systemClock } from "../../plumbing/clock.ts";

const SEED: ApiRoute[] = [
  { method: "GET", path: "/device/switch", access: "caller" },
  { method: "POST", path: "/api/customers", access: "caller" },
];

/** All routes of a bundled ERP, of pages too, without one that runs. */
export async function allErpRoutes(): Promise<ApiRoute[]> {
  const dataDir = await mkdtemp(join(tmpdir(), "erp-routes-"));
  const store = openErpStore(join(dataDir, "erp.sqlite"));
  const deps = { clock: systemClock, store, operations: store.operations } as never;
  const routes = [
    ...backOfficeRoutes(deps),
    ...customerStaffRoutes(deps),
    ...masterDataRoutes(deps),
    ...journalRoutes(deps),
    ...auditRoutes(deps),
    ...faultRoutes(deps).map((route) => ({
      ...route,
      access: { subject: "faults", action: route.method === "GET" ? "read" : "write", by: "key" } as const,
    })),
  ];
  await store.close();
  await rm(dataDir, { recursive: true });
  return [...SEED, ...new Map(routes.map((route) => [`${route.method} ${route.path}`, route])).values()];
}
