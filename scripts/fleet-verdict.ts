import type { FleetReport } from "./fleet-report.ts";

type Judged = Pick<FleetReport, "pods" | "connect" | "commands" | "events" | "erp">;

/**
 * What a run may not come to, in sentences. Commands that pods reject, or that came too late, are what a scenario may be
 * about; what has no answer, is lost or there twice never is.
 */
export function fleetProblems({ pods, connect, commands, events, erp }: Judged): string[] {
  const checks: [count: number, what: string][] = [
    [pods - connect.pods, `pods did not connect${connect.trouble === null ? "" : `: ${connect.trouble}`}`],
    [commands.open + commands.unanswered, "commands have no answer"],
    [events.waiting, "events are not acknowledged"],
    [Math.abs(events.made - erp.delivered - erp.unsettled), "events are not, or more than once, among the deliveries"],
    [erp.unsettled, "deliveries are not settled"],
    [erp.lost, "check-ins are not in the ERP"],
    [erp.doubled, "usages are in the ERP twice"],
    [erp.strange, "usages are in the ERP that belong to no check-in"],
  ];
  return checks.flatMap(([count, what]) => (count > 0 ? [`${String(count)} ${what}.`] : []));
}
