import { type Clock, isoTime } from "../plumbing/clock.ts";
import { page } from "../plumbing/http-reply.ts";
import type { ErpRoute } from "./access.ts";
import type { DashboardStore } from "./dashboard-store.ts";
import type { FrameFor } from "./frame.ts";
import { dashboardPage } from "./page-dashboard.ts";
import { localDay, periodOf } from "./period.ts";

const DAY_MS = 86_400_000;

type Deps = { store: DashboardStore; clock: Clock; frameFor: FrameFor };

/** The first page: today by scent, what is open, and who has been silent for a day. */
export function dashboardRoutes({ store, clock, frameFor }: Deps): ErpRoute[] {
  const todayOf = ({ id, timezone, ...client }: { id: number; name: string; timezone: string }) => {
    const day = localDay(clock.now(), timezone);
    const since = isoTime(periodOf(day, day, timezone).from);
    const scents = new Map(store.byScent(id, since).map(({ scent, usages }) => [scent, usages]));
    return { id, timezone, ...client, day, scents };
  };
  return [
    {
      method: "GET",
      path: "/",
      access: { subject: "self", action: "read", by: "page" },
      handle: (asked) => {
        const client = asked.who.clientId;
        const devices = store.devices(client);
        const dayAgo = isoTime(clock.now() - DAY_MS);
        const today = {
          clients: store.clients(client).map(todayOf),
          devices: devices.length,
          open: devices.filter(({ is_open }) => is_open === 1),
          silent: devices.filter(({ heard_at }) => heard_at === null || heard_at < dayAgo),
        };
        return page(dashboardPage(frameFor(asked), today));
      },
    },
  ];
}
