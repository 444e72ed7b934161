import Database from "better-sqlite3";
import type { CustomerRow } from "../../erp-stub/customer-contract.ts";
import type { Clock } from "../../plumbing/clock.ts";
import { openErp } from "./erp-system.ts";
import { openLogBook } from "./log-book.ts";

type Erp = { file: string };

/** A bundled ERP whose log the test can read. */
export async function openCustomers(options: { clock?: Clock } = {}) {
  const { log, lines } = openLogBook();
  const erp = await openErp({ ...options, log });
  return {
    ...erp,
    // What is got anew each time.
    get url() {
      return erp.url;
    },
    /** All that was logged, as one text. */
    logged: () => JSON.stringify(lines),
  };
}

/** What the journal has of the calls of customers, oldest first. */
export function journalOf(erp: Erp): { status: number; answer: unknown }[] {
  const rows = read(erp, "SELECT status_code AS status, answer FROM calls ORDER BY id");
  return (rows as { status: number; answer: string }[]).map(({ status, answer }) => {
    return { status, answer: JSON.parse(answer) as unknown };
  });
}

/** The customers that are kept, oldest first. */
export function customersOf(erp: Erp): CustomerRow[] {
  return read(erp, "SELECT * FROM customers ORDER BY id") as CustomerRow[];
}

function read({ file }: Erp, sql: string): unknown[] {
  const db = new Database(file, { readonly: true });
  const rows = db.prepare(sql).all();
  db.close();
  return rows;
}
