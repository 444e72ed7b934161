import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backOfficeRoutes } from "../../erp-stub/back-office.ts";
import type { ApiRoute } from "../../erp-stub/openapi-parts.ts";
import { openErpStore } from "../../erp-stub/store.ts";
import { systemClock } from "../../plumbing/clock.ts";

const DOCUMENTED: ApiRoute[] = [
  { method: "GET", path: "/device/switch", access: "caller" },
  { method: "POST", path: "/api/customers", access: "caller" },
];

/** All routes of a bundled ERP, of pages too, without one that runs. */
export async function allErpRoutes(): Promise<ApiRoute[]> {
  const dataDir = await mkdtemp(join(tmpdir(), "erp-routes-"));
  const store = openErpStore(join(dataDir, "erp.sqlite"));
  const routes = backOfficeRoutes({ clock: systemClock, store, faults: {} } as never);
  await store.close();
  await rm(dataDir, { recursive: true });
  return [...DOCUMENTED, ...routes];
}
