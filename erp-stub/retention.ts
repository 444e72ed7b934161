import { type Clock, isoTime } from "../plumbing/clock.ts";
import type { Log } from "../plumbing/log.ts";
import { startPeriodic } from "../plumbing/periodic.ts";
import type { CustomerStore } from "./customer-store.ts";
import type { SettingsStore } from "./settings-store.ts";

const DAY_MS = 86_400_000;
const EVERY_MS = 3_600_000;

type Deps = { customers: CustomerStore; settings: SettingsStore; clock: Clock; log: Log };

/** Erases the customers of whom nothing was heard for longer than the settings keep them; looks once an hour. */
export function startRetention({ customers, settings, clock, log }: Deps) {
  return startPeriodic(
    async () => {
      // Of those erased before, if that had to wait.
      customers.clearLog();
      const { retentionDays } = settings.get();
      if (retentionDays === null) return;
      const by = { at: isoTime(clock.now()), actor: "retention" };
      const erased = await customers.eraseNotUpdatedSince(isoTime(clock.now() - retentionDays * DAY_MS), by);
      if (erased > 0) log.info({ erased }, "customers erased after their retention");
    },
    { everyMs: EVERY_MS, clock, onError: (err) => log.error({ err }, "retention failed") },
  );
}
