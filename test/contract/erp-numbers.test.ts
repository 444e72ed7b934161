import { describe, expect, test } from "vitest";
import { add, remove } from "../support/erp-api.ts";
import { callSwitch, listUsages } from "../support/erp-calls.ts";
import { fullJournalOf } from "../support/erp-journal.ts";
import { at, openReported, usage } from "../support/erp-reported.ts";

const CHECKIN = { serial: "POD-1", status: "checkin", scent: "wood" };

describe("calls and usages", () => {
  test("are numbered together, and each call stands in the journal once", async () => {
    await using erp = await openReported([["01", "10:00", "11:00"]]);
    const entered = await add(erp, "device-usages", usage("08:00", "09:30"));
    await callSwitch(erp, { ...CHECKIN, status: "checkout" });
    await fullJournalOf(erp, 3);
    await callSwitch(erp, CHECKIN);
    expect(entered.id).toBe(3);
    const { data } = await fullJournalOf(erp, 4);
    const told = data.map(({ id, usageId, statusCode }) => [id, usageId, statusCode]);
    expect(told).toEqual([
      [5, 5, 200],
      [4, null, 409],
      [2, 1, 200],
      [1, 1, 200],
    ]);
    expect((await listUsages(erp)).map(({ id, checkinAt }) => [id, checkinAt])).toEqual([
      [5, at("02", "12:00")],
      [3, at("01", "08:00")],
      [1, at("01", "10:00")],
    ]);
  });

  test("never have a number that another one had", async () => {
    await using erp = await openReported();
    const { id } = await add(erp, "device-usages", usage("08:00", "09:30"));
    expect((await remove(erp, `/api/device-usages/${String(id)}`)).status).toBe(204);
    await erp.restart();
    await callSwitch(erp, CHECKIN);
    expect(await listUsages(erp)).toMatchObject([{ id: Number(id) + 1 }]);
  });
});

test("a call that is too long to be kept whole is answered the same under its key, and done once", async () => {
  await using erp = await openReported();
  const call = (scent: string) =>
    callSwitch(erp, `serial=POD-1&status=checkin&scent=${scent}&x=${"y".repeat(3_000)}`, { "idempotency-key": "long" });
  const first = await call("wood");
  const again = await call("wood");
  expect([again.status, again.headers.get("idempotency-replayed"), again.body]).toEqual([200, "true", first.body]);
  expect((await call("fire")).status).toBe(422);
  const { data } = await fullJournalOf(erp, 3);
  expect(data.at(-1)).toMatchObject({ outcome: "executed", answer: first.body });
  expect(await listUsages(erp)).toHaveLength(1);
});
