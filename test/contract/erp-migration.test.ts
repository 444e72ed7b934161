import { rmSync } from "node:fs";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MIGRATIONS } from "../../erp-stub/migrations.ts";
import { ask, errorsOf, listed, patch, post, remove, rowsIn } from "../support/erp-api.ts";
import { callSwitch, listUsages } from "../support/erp-calls.ts";
import { type BillableLine, report } from "../support/erp-hotel.ts";
import { journalOf } from "../support/erp-journal.ts";
import { openErp } from "../support/erp-system.ts";

const at = (time: string) => `2026-01-02T${time}:00.000Z`;
const line = (query: string) => `GET /device/switch?${query}`;
const CHECKIN = "serial=POD-1&status=checkin&scent=Wood";
const CHECKOUT = "serial=POD-1&status=checkout";
const ANSWER = { message: "Device check-out successful", serial: "POD-1", status: "checkout", timestamp: at("09:30") };

/** A file of the first schema with rows in all of its tables. */
const FIRST_ROWS = `
  INSERT INTO corporations (id, name) VALUES (1, 'Sea Hotels'), (2, 'Lake Hotels');
  INSERT INTO clients VALUES (1, 1, 'Harbour View', 'hotel', 'Asia/Hong_Kong', 2500, 'hourly'),
    (2, 2, 'Peak Spa', 'spa', 'Europe/Zurich', 10000, 'daily');
  INSERT INTO rooms VALUES (1, 1, '101'), (2, 1, '102'), (3, 2, 'Pool');
  INSERT INTO device_types VALUES (1, 'app2x', 'Aroma Pod Pro');
  INSERT INTO devices VALUES (1, 1, 'POD-1'), (2, 1, 'POD-2'), (3, 1, 'POD-3');
  INSERT INTO device_setups VALUES (1, 1, 2, '2025-01-01T00:00:00.000Z', '2025-06-01T00:00:00.000Z'),
    (2, 1, 1, '2025-06-01T00:00:00.000Z', NULL), (3, 2, 3, '2025-06-01T00:00:00.000Z', NULL);
  INSERT INTO scents VALUES (1, 'Wood', 'Wood'), (2, 'fire', 'Fire');
  INSERT INTO schedules VALUES (1, '08:00:00', '12:00:00');
  INSERT INTO device_usages VALUES
    (1, 'first', 1, 1, 1, 1, 'checkout', 'webhook', '${at("09:00")}', NULL, NULL, '${at("09:30")}', '${line(CHECKIN)}'),
    (2, NULL, 1, 1, 2, NULL, 'checkout', 'webhook', '${at("10:00")}', '${at("10:05")}', '${at("10:15")}', '${at("11:00")}', ''),
    (3, NULL, 1, 1, 1, NULL, 'timein', 'webhook', '${at("12:00")}', '${at("12:30")}', '${at("12:10")}', NULL, ''),
    (4, NULL, 1, 1, 1, NULL, 'checkout', 'webhook', '${at("13:00")}', '${at("13:30")}', NULL, '${at("14:00")}', ''),
    (5, NULL, 2, 3, 1, NULL, 'checkin', 'webhook', '${at("13:00")}', NULL, NULL, NULL, '');
  INSERT INTO requests (at, request, ref, fingerprint, usage_id, status_code, answer) VALUES
    ('${at("09:00")}', '${line(CHECKIN)}', 'first', '[["POD-1"],["checkin"],["Wood"],[],[]]', 1, 200,
     '{"message":"Device check-in successful","serial":"POD-1","status":"checkin","timestamp":"${at("09:00")}"}'),
    ('${at("09:30")}', '${line(CHECKOUT)}', 'second', '[["POD-1"],["checkout"],[],[],[]]', 1, 200, '${JSON.stringify(ANSWER)}');
  PRAGMA user_version = 1;`;

const usage = (id: number, checkin: string, more: object) => {
  const known = {
    id,
    ref: null,
    serial: "POD-1",
    scent: "Wood",
    room: "101",
    source: "webhook",
    startTime: null,
    endTime: null,
  };
  const times = { checkinAt: at(checkin), timeinAt: null, timeoutAt: null, checkoutAt: null, intervals: [] };
  return { ...known, status: "checkout", ...times, request: "", ...more };
};
/** What the first version listed, with intervals, which it did not keep. */
const USAGES = [
  usage(5, "13:00", { serial: "POD-2", room: "Pool", status: "checkin" }),
  usage(4, "13:00", {
    timeinAt: at("13:30"),
    checkoutAt: at("14:00"),
    intervals: [{ timeinAt: at("13:30"), timeoutAt: at("14:00") }],
  }),
  usage(3, "12:00", {
    status: "timein",
    timeinAt: at("12:30"),
    timeoutAt: at("12:10"),
    intervals: [{ timeinAt: at("12:30"), timeoutAt: null }],
  }),
  usage(2, "10:00", {
    scent: "fire",
    timeinAt: at("10:05"),
    timeoutAt: at("10:15"),
    checkoutAt: at("11:00"),
    intervals: [{ timeinAt: at("10:05"), timeoutAt: at("10:15") }],
  }),
  usage(1, "09:00", {
    ref: "first",
    checkoutAt: at("09:30"),
    startTime: "08:00:00",
    endTime: "12:00:00",
    request: line(CHECKIN),
  }),
];

describe("a file of the first schema", () => {
  let erp: Awaited<ReturnType<typeof openErp>>;
  beforeAll(async () => {
    erp = await openErp({ seed: "empty" });
    await erp.restart(() => {
      for (const end of ["", "-wal", "-shm"]) rmSync(erp.file + end, { force: true });
      const old = new Database(erp.file);
      old.exec(MIGRATIONS[0] ?? "");
      old.exec(FIRST_ROWS);
      old.close();
    });
  });
  afterAll(() => erp.close());

  test("is brought to the newest, with every reference whole", () => {
    const db = new Database(erp.file, { readonly: true });
    expect(db.pragma("user_version", { simple: true })).toBe(MIGRATIONS.length);
    expect([db.pragma("foreign_key_check"), db.pragma("integrity_check", { simple: true })]).toEqual([[], "ok"]);
    db.close();
    expect(rowsIn(erp, "device_usages").map(({ client_id }) => client_id)).toEqual([1, 1, 1, 1, 2]);
    const requests = rowsIn(erp, "requests").map(({ ref, outcome, remote }) => [ref, outcome, remote]);
    expect(requests).toEqual([
      ["first", "executed", ""],
      ["second", "executed", ""],
    ]);
  });

  test("lists its usages as before", async () => {
    expect(await listUsages(erp)).toEqual(USAGES);
    expect(await listUsages(erp, { ref: "second" })).toEqual(USAGES.slice(4));
    expect(await listUsages(erp, { serial: "POD-2" })).toEqual(USAGES.slice(0, 1));
  });

  test("answers the calls that it has carried out as before, and carries them out no second time", async () => {
    const again = await callSwitch(erp, CHECKOUT, { "idempotency-key": "second" });
    expect([again.status, again.headers.get("idempotency-replayed"), again.body]).toEqual([200, "true", ANSWER]);
    const other = await callSwitch(erp, CHECKIN.replace("Wood", "fire"), { "idempotency-key": "first" });
    expect(other.status).toBe(422);
    expect(await listUsages(erp)).toEqual(USAGES);
  });

  test("has its master data, its reports, and its integrity", async () => {
    const [client] = listed(await ask(erp, "/api/clients")).data;
    expect(client).toMatchObject({ name: "Harbour View", corporation: "Sea Hotels", timezone: "Asia/Hong_Kong" });
    const january = { client_id: 1, from: "2026-01-01", to: "2026-01-31" };
    const { data } = await report<BillableLine>(erp, "billables", january);
    // 30 minutes, an interval of 10, one of 30 until the next check-in, one of 30 until the check-out.
    expect(data).toEqual([
      { serial: "POD-1", usages: 4, ms: 100 * 60_000, days: 1, units: 2, unclosed: 1, open: 0, amount_cents: 5_000 },
    ]);
    const overlap = {
      device_id: 1,
      room_id: 1,
      installed_at: "2025-02-01T00:00:00Z",
      ended_at: "2025-03-01T00:00:00Z",
    };
    expect(Object.keys(errorsOf(await post(erp, "/api/device-setups", overlap)))).toEqual(["device_id"]);
    expect((await remove(erp, "/api/device-setups/2")).status).toBe(409);
    expect((await patch(erp, "/api/clients/1", { timezone: "Asia/Tokyo" })).status).toBe(200);
  });

  test("goes on from where its devices were", async () => {
    expect((await callSwitch(erp, CHECKOUT)).status).toBe(409);
    const { body } = await callSwitch(erp, "serial=POD-2&status=timein");
    const { timestamp } = body as { timestamp: string };
    const intervals = [{ timeinAt: timestamp, timeoutAt: null }];
    expect(await listUsages(erp, { serial: "POD-2" })).toMatchObject([{ id: 5, status: "timein", intervals }]);
    expect((await callSwitch(erp, CHECKIN)).status).toBe(200);
    const [opened] = await listUsages(erp, { serial: "POD-1", limit: "1" });
    expect(opened).toMatchObject({ room: "101" });
    await erp.restart();
    expect(await listUsages(erp)).toHaveLength(6);
    const { data } = await journalOf(erp);
    expect(data[0]).toMatchObject({ id: opened?.id, usageId: opened?.id, request: line(CHECKIN) });
    expect(data.filter(({ ref }) => ref === "first" || ref === "second")).toHaveLength(4);
  });
});
