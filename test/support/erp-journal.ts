import Database from "better-sqlite3";
import { expect } from "vitest";
import { NEXT_NUMBER } from "../../erp-stub/call-number.ts";
import type { JournalRow } from "../../erp-stub/journal-store.ts";
import { postCustomer } from "./customer-calls.ts";
import { SERIAL } from "./devices.ts";
import { callSwitch, callWithRef } from "./erp-calls.ts";
import { callApi } from "./erp-office.ts";
import type { openErp } from "./erp-system.ts";
import { eventually } from "./eventually.ts";

type Erp = Awaited<ReturnType<typeof openErp>>;
export type Journaled = {
  data: (Omit<JournalRow, "answer"> & { answer: Record<string, unknown> })[];
  next: number | null;
};

export const CHECKIN = { serial: SERIAL, status: "checkin", scent: "wood" };
export const ROSE = { ...CHECKIN, scent: "rose" };

/** What the journal has, newest first. */
export async function journalOf(erp: Erp, search: Record<string, string> = {}): Promise<Journaled> {
  const { status, body } = await callApi(erp, `/journal?${new URLSearchParams(search).toString()}`);
  expect(status).toBe(200);
  return body as Journaled;
}

/** Those of calls that wrote nothing come later than their answers. */
export function fullJournalOf(erp: Erp, calls: number): Promise<Journaled> {
  return eventually(async () => {
    const journal = await journalOf(erp);
    expect(journal.data).toHaveLength(calls);
    return journal;
  });
}

/** An executed, a replayed and a refused call, and a customer. */
export async function fillJournal(erp: Erp) {
  const { ref, body } = await callWithRef(erp, CHECKIN);
  await fullJournalOf(erp, 1);
  await callSwitch(erp, CHECKIN, { "idempotency-key": ref });
  await fullJournalOf(erp, 2);
  await callSwitch(erp, ROSE);
  await fullJournalOf(erp, 3);
  await postCustomer(erp, { email: "john@example.com" });
  await fullJournalOf(erp, 4);
  return { ref, answer: body };
}

/** So many executed calls of a test. */
export async function floodJournal(erp: Erp, rows: number): Promise<void> {
  await erp.restart(() => {
    const db = new Database(erp.file);
    db.prepare(
      `WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO requests (id, at, request, fingerprint, status_code, answer)
       SELECT ${NEXT_NUMBER} - 1 + i, '2026-03-01T12:00:00.000Z', 'GET /device/switch?n=' || i, '', 200, '{}' FROM n`,
    ).run(rows);
    db.close();
  });
}
