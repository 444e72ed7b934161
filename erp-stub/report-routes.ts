/** The reports for programs, and for people as pages, CSV and print. */
import { json, page, type Reply, text } from "../plumbing/http-reply.ts";
import type { Access, Asked, ErpRoute } from "./access.ts";
import { csvOf } from "./csv.ts";
import { type FieldErrors, FieldsError } from "./field-errors.ts";
import type { FrameFor } from "./frame.ts";
import type { Operations } from "./operations-store.ts";
import type { Notice } from "./page-layout.ts";
import { reportPage, reportsPage } from "./page-reports.ts";
import { scopeOf } from "./permissions.ts";
import { billablesTable, deviceUsageTable, paymentsTable, type ReportTable } from "./report-tables.ts";
import { ASKED, type Terms } from "./report-terms.ts";
import { REPORT_NAMES, type ReportName, type Reports } from "./reports.ts";

/** How many usages a page shows; CSV has all. */
const SHOWN = 200;

type Deps = { reports: Reports; operations: Operations; frameFor: FrameFor };

type Made = Terms & { table: ReportTable; all: number };

export function reportRoutes(deps: Deps): ErpRoute[] {
  const byKey: Access = { subject: "reports", action: "read", by: "key" };
  const byPage: Access = { subject: "reports", action: "read", by: "page" };
  return [
    { method: "GET", path: "/reports", access: byPage, handle: (asked) => page(reportsPage(deps.frameFor(asked))) },
    ...REPORT_NAMES.flatMap((name): ErpRoute[] => [
      {
        method: "GET",
        path: `/api/reports/${name}`,
        access: byKey,
        handle: (asked) => json(asJson(name, asked, deps)),
      },
      { method: "GET", path: `/api/reports/${name}.csv`, access: byKey, handle: (asked) => asCsv(name, asked, deps) },
      { method: "GET", path: `/reports/${name}`, access: byPage, handle: (asked) => asPage(name, asked, deps) },
      { method: "GET", path: `/reports/${name}.csv`, access: byPage, handle: (asked) => asCsv(name, asked, deps) },
    ]),
  ];
}

const askedOf = ({ request, who }: Asked) => ({ query: request.query, client: scopeOf(who, "reports", "read") });

function make(name: ReportName, asked: Asked, { reports, shown }: { reports: Reports; shown: number }): Made {
  const given = askedOf(asked);
  if (name === "device-usage") {
    const report = reports.deviceUsage(given);
    return { ...report, table: deviceUsageTable(report, report.lines.slice(0, shown)), all: report.lines.length };
  }
  const report = name === "payments" ? reports.payments(given) : reports.billables(given);
  const table = "units" in report ? billablesTable(report) : paymentsTable(report);
  return { ...report, table, all: report.lines.length };
}

/** The rows by their columns' names, with what they come to. */
function asJson(name: ReportName, asked: Asked, { reports }: Deps) {
  const { client, period, ...report } = reportOf(name, asked, reports);
  return { client, from: period.firstDay, to: period.lastDay, ...report };
}

function reportOf(name: ReportName, asked: Asked, reports: Reports) {
  const given = askedOf(asked);
  if (name === "payments") {
    const { lines, ...rest } = reports.payments(given);
    return { ...rest, data: lines };
  }
  if (name === "billables") {
    const { lines, ...rest } = reports.billables(given);
    return { ...rest, data: lines };
  }
  const { lines, facts, days, ...rest } = reports.deviceUsage(given);
  return { ...rest, days, data: lines.map((line) => ({ ...facts(line), ms: line.ms, ending: line.ending })) };
}

function asCsv(name: ReportName, asked: Asked, { reports }: Deps): Reply {
  const { client, period, table } = make(name, asked, { reports, shown: Number.POSITIVE_INFINITY });
  const file = `${name}-${String(client.id)}-${period.firstDay}-${period.lastDay}.csv`;
  const reply = text(
    csvOf(
      table.columns.map((column) => column.name),
      table.rows,
    ),
    200,
    "text/csv; charset=utf-8",
  );
  return { ...reply, headers: { ...reply.headers, "content-disposition": `attachment; filename="${file}"` } };
}

/** What was asked wrongly comes back as the form with its errors, and so does what was not asked yet. */
function asPage(name: ReportName, asked: Asked, deps: Deps): Reply {
  const { query } = asked.request;
  const clients = deps.operations.resources.options("clients", asked.who.clientId);
  const [first] = clients;
  if (!query.has("client_id") && first) query.set("client_id", String(first.id));
  try {
    const made = make(name, asked, { reports: deps.reports, shown: SHOWN });
    return page(reportPage(deps.frameFor(asked), name, { clients, query, errors: {}, made }));
  } catch (error) {
    if (!(error instanceof FieldsError)) throw error;
    const status = clients.length === 0 ? 200 : error.status;
    const frame = deps.frameFor(asked, noticeOf(error.errors));
    const known = new URLSearchParams([...query].filter(([field]) => ASKED.includes(field)));
    return page(reportPage(frame, name, { clients, query: known, errors: error.errors, made: undefined }), status);
  }
}

/** What has no field in the form stands above it. */
function noticeOf(errors: FieldErrors): Notice | undefined {
  const others = Object.entries(errors).flatMap(([field, texts]) => (ASKED.includes(field) ? [] : texts));
  return others.length === 0 ? undefined : { tone: "bad", text: others.join(" ") };
}
