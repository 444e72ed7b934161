/** A report as a table: the same cells for the page, for CSV and for print. */
import type { barChart } from "./chart.ts";
import { amount, localTime } from "./form-values.ts";
import type { Reports } from "./reports.ts";

export type Cell = string | number;

export type ReportTable = {
  columns: readonly { name: string; label: string; isNumber?: true }[];
  rows: readonly (readonly Cell[])[];
  /** Cells below the columns of the same place. */
  total: readonly Cell[];
  chart: { caption: string; bars: Parameters<typeof barChart>[0]; format: (value: number) => string };
};

type DeviceUsage = ReturnType<Reports["deviceUsage"]>;
type Payments = ReturnType<Reports["payments"]>;
type Billables = ReturnType<Reports["billables"]>;

const ENDINGS = { closed: "", unclosed: "unclosed", open: "open" };

/** @param lines of the report: a page of them, or all */
export function deviceUsageTable(report: DeviceUsage, lines: DeviceUsage["lines"]): ReportTable {
  const { timezone } = report.client;
  return {
    columns: [
      { name: "id", label: "Usage" },
      { name: "serial", label: "Device" },
      { name: "room", label: "Room" },
      { name: "scent", label: "Scent" },
      { name: "checkin", label: "Check-in" },
      { name: "checkout", label: "Check-out" },
      { name: "minutes", label: "Minutes", isNumber: true },
      { name: "flag", label: "Flag" },
      { name: "source", label: "Source" },
    ],
    rows: lines.map((line) => {
      const { serial, room, scent, source, checkin_at, checkout_at } = report.facts(line);
      const ended = checkout_at === null ? "" : clockTime(checkout_at, timezone);
      const flag = ENDINGS[line.ending];
      return [line.id, serial, room, scent, clockTime(checkin_at, timezone), ended, minutes(line.ms), flag, source];
    }),
    total: ["", "", "", "", "", "", minutes(report.ms), "", ""],
    chart: {
      caption: "Device usages per day",
      bars: report.days.map(({ day, usages, ms }) => ({
        label: day,
        value: usages,
        title: `${day}: ${String(usages)} usages, ${minutes(ms)} minutes`,
      })),
      format: String,
    },
  };
}

export function paymentsTable({ lines, amount_cents }: Payments): ReportTable {
  const perDay = Map.groupBy(lines, ({ paid_on }) => paid_on);
  return {
    columns: [
      { name: "paid_on", label: "Day" },
      { name: "amount", label: "Amount", isNumber: true },
      { name: "note", label: "Note" },
      { name: "source", label: "Source" },
    ],
    rows: lines.map((line) => [line.paid_on, amount(line.amount_cents), line.note ?? "", line.source]),
    total: ["", amount(amount_cents), "", ""],
    chart: {
      caption: "Payments per day",
      bars: [...perDay].map(([day, paid]) => {
        const value = paid.reduce((sum, { amount_cents: cents }) => sum + cents, 0);
        return { label: day, value, title: `${day}: ${amount(value)}` };
      }),
      format: amount,
    },
  };
}

export function billablesTable({ client, lines, units, amount_cents }: Billables): ReportTable {
  const unit = client.charge_unit === "daily" ? "Days" : "Hours";
  return {
    columns: [
      { name: "device", label: "Device" },
      { name: "usages", label: "Usages", isNumber: true },
      { name: "minutes", label: "Minutes", isNumber: true },
      { name: "unclosed", label: "Unclosed", isNumber: true },
      { name: "open", label: "Open", isNumber: true },
      { name: unit.toLowerCase(), label: unit, isNumber: true },
      { name: "rate", label: "Rate", isNumber: true },
      { name: "amount", label: "Amount", isNumber: true },
    ],
    rows: lines.map((line) => [
      line.serial,
      line.usages,
      minutes(line.ms),
      line.unclosed,
      line.open,
      line.units,
      amount(client.charge_rate_cents),
      amount(line.amount_cents),
    ]),
    total: ["", "", "", "", "", units, "", amount(amount_cents)],
    chart: {
      caption: `${unit} per device`,
      bars: lines.map((line) => ({
        label: line.serial,
        value: line.units,
        title: `${line.serial}: ${String(line.units)} ${unit.toLowerCase()}`,
      })),
      format: String,
    },
  };
}

/** The clock there, as spreadsheets read it. */
function clockTime(iso: string, timezone: string): string {
  return localTime(iso, timezone).replace("T", " ");
}

/** Whole minutes and tenths. */
function minutes(ms: number): string {
  return (ms / 60_000).toFixed(1);
}
