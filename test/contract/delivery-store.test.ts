import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { DUE_HEADS } from "../../device-db/delivery-store.ts";
import { openDeliverySystem } from "../support/delivery-system.ts";
import { openFaultErp } from "../support/fault-erp.ts";

test("what is due is found by the index of open deliveries, not by reading all that ever were", async () => {
  await using erp = await openFaultErp();
  await using system = await openDeliverySystem({ url: erp.url });
  const db = new Database(system.file, { readonly: true });
  const plan = (
    db.prepare(`EXPLAIN QUERY PLAN ${DUE_HEADS}`).all({ now: 0, limit: 1, toSend: 1 }) as { detail: string }[]
  ).map((step) => step.detail);
  db.close();
  expect(plan).toEqual([
    "CO-ROUTINE lane",
    "SCAN deliveries USING INDEX deliveries_open",
    "SCAN lane",
    "SEARCH head USING INTEGER PRIMARY KEY (rowid=?)",
    "CORRELATED SCALAR SUBQUERY 2",
    "SEARCH paused_lanes USING PRIMARY KEY (serial=?)",
    "USE TEMP B-TREE FOR ORDER BY",
  ]);
});
