import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { ERP_MODES } from "../../erp-stub/contract.ts";
import { manualClock } from "../support/clock.ts";
import { SERIAL } from "../support/devices.ts";
import { callSwitch, callWithRef, listUsages } from "../support/erp-calls.ts";
import { countRows, openErp } from "../support/erp-system.ts";
import { eventually } from "../support/eventually.ts";
import { erpContract } from "./erp-contract.ts";

const CHECKIN = { serial: SERIAL, status: "checkin", scent: "wood" };
const noonClock = manualClock();

for (const mode of ERP_MODES) erpContract(`The bundled ERP in ${mode} mode`, () => openErp({ mode }));

describe("what is kept", () => {
  test("the answer, the usage and the journal carry the server's time", async () => {
    await using erp = await openErp({ clock: noonClock });
    const { ref, body } = await callWithRef(erp, CHECKIN);
    const timestamp = "2026-03-01T12:00:00.000Z";
    expect(body).toEqual({ message: "Device check-in successful", serial: SERIAL, status: "checkin", timestamp });
    expect(await listUsages(erp)).toMatchObject([{ checkinAt: timestamp, room: "Room 101" }]);

    const db = new Database(erp.file, { readonly: true });
    expect(db.prepare("SELECT at, request, ref, usage_id, status_code FROM calls").all()).toEqual([
      {
        at: timestamp,
        request: `GET /device/switch?serial=${SERIAL}&status=checkin&scent=wood`,
        ref,
        usage_id: 1,
        status_code: 200,
      },
    ]);
    db.close();
  });

  test("neither a refused nor a replayed call leaves a usage", async () => {
    await using erp = await openErp();
    const { ref } = await callWithRef(erp, CHECKIN);
    await callSwitch(erp, CHECKIN, { "idempotency-key": ref });
    await callSwitch(erp, { ...CHECKIN, scent: "rose" });
    await callSwitch(erp, { serial: "dev-0001", status: "checkout" });
    expect(countRows(erp.file, "device_usages")).toBe(1);
  });

  test("a usage belongs to the client whose room the device was in", async () => {
    await using erp = await openErp();
    await callSwitch(erp, CHECKIN);
    await erp.restart(() => {
      const db = new Database(erp.file);
      db.exec(
        `INSERT INTO clients (id, corporation_id, name, client_type, timezone, charge_rate_cents, charge_unit)
           VALUES (7, 1, 'Peak Spa', 'spa', 'Asia/Hong_Kong', 1, 'daily');
         INSERT INTO rooms (id, client_id, name) VALUES (70, 7, 'Pool');
         UPDATE device_setups SET ended_at = '2099-01-01T00:00:00.000Z' WHERE device_id = 1;
         INSERT INTO device_setups (device_id, room_id, installed_at) VALUES (1, 70, '2099-01-01T00:00:00.000Z')`,
      );
      db.close();
    });
    await callSwitch(erp, CHECKIN);
    const db = new Database(erp.file, { readonly: true });
    const clients = db.prepare("SELECT client_id FROM device_usages ORDER BY id").pluck().all();
    db.close();
    expect(clients).toEqual([1, 7]);
  });

  test("when the clock was set back, an interval ends where it began", async () => {
    const clock = manualClock();
    await using erp = await openErp({ clock });
    await callSwitch(erp, CHECKIN);
    await callSwitch(erp, { serial: SERIAL, status: "timein" });
    clock.shift(-60_000);
    await callSwitch(erp, { serial: SERIAL, status: "timeout" });
    const [usage] = await listUsages(erp);
    expect(usage?.intervals).toEqual([{ timeinAt: usage?.timeinAt, timeoutAt: usage?.timeinAt }]);
  });

  test("a restart keeps usages and keys and adds no second demo hotel", async () => {
    await using erp = await openErp();
    const first = await callWithRef(erp, CHECKIN);
    const before = await listUsages(erp);
    const tables = [
      "corporations",
      "clients",
      "rooms",
      "device_types",
      "devices",
      "device_setups",
      "scents",
      "schedules",
    ];
    const rows = tables.map((table) => countRows(erp.file, table));
    await erp.restart();

    expect(await listUsages(erp)).toEqual(before);
    expect(tables.map((table) => countRows(erp.file, table))).toEqual(rows);
    const again = await callSwitch(erp, CHECKIN, { "idempotency-key": first.ref });
    expect([again.headers.get("idempotency-replayed"), again.body]).toEqual(["true", first.body]);
    expect(await listUsages(erp)).toEqual(before);
  });

  test("what people changed in the demo hotel stays changed after a restart", async () => {
    await using erp = await openErp();
    await erp.restart(() => {
      const db = new Database(erp.file);
      db.exec(
        "UPDATE clients SET name = 'Peak Hotel'; DELETE FROM schedules; UPDATE scents SET code = 'cedar' WHERE id = 2",
      );
      db.close();
    });
    expect(["clients", "rooms", "schedules", "scents"].map((table) => countRows(erp.file, table))).toEqual([
      1, 2, 0, 4,
    ]);
    expect((await callSwitch(erp, { ...CHECKIN, scent: "cedar" })).status).toBe(200);
  });

  test("a device that was taken out of its room stays out and cannot be switched, yet its old answers are replayed", async () => {
    await using erp = await openErp();
    const first = await callWithRef(erp, CHECKIN);
    await erp.restart(() => {
      const db = new Database(erp.file);
      db.exec("UPDATE device_setups SET ended_at = '2099-03-01T12:00:00.000Z'");
      db.close();
    });
    const details = { serial: ["The selected serial is not set up in a room."] };
    expect(await callSwitch(erp, CHECKIN)).toMatchObject({
      status: 422,
      body: { error: "Validation failed", details },
    });
    expect((await callSwitch(erp, CHECKIN, { "idempotency-key": first.ref })).body).toEqual(first.body);
  });

  test("an empty ERP knows no device", async () => {
    await using erp = await openErp({ seed: "empty" });
    const details = { serial: ["The selected serial is invalid."], scent: ["The selected scent is invalid."] };
    expect((await callSwitch(erp, CHECKIN)).body).toEqual({ error: "Validation failed", details });
    expect(await listUsages(erp)).toEqual([]);
  });
});

describe("many calls at once", () => {
  test("100 check-ins open 100 usages, and a check-out closes exactly the newest", async () => {
    await using erp = await openErp();
    const calls = await Promise.all(Array.from({ length: 100 }, () => callSwitch(erp, CHECKIN)));
    expect(calls.every(({ status }) => status === 200)).toBe(true);
    expect(await listUsages(erp)).toHaveLength(100);

    await callSwitch(erp, { serial: SERIAL, status: "checkout" });
    const [newest, ...older] = await listUsages(erp);
    expect(newest).toMatchObject({ id: 100, status: "checkout" });
    expect(older.filter(({ checkoutAt }) => checkoutAt !== null)).toEqual([]);
  });

  test("50 check-ins under one key open one usage and get one answer", async () => {
    await using erp = await openErp();
    const headers = { "idempotency-key": "the-same" };
    const calls = await Promise.all(Array.from({ length: 50 }, () => callSwitch(erp, CHECKIN, headers)));
    expect(new Set(calls.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(calls.filter((call) => call.headers.get("idempotency-replayed") === "true")).toHaveLength(49);
    expect(await listUsages(erp)).toHaveLength(1);
  });

  test("of 20 check-outs of one usage one succeeds", async () => {
    await using erp = await openErp();
    await callSwitch(erp, CHECKIN);
    const checkout = { serial: SERIAL, status: "checkout" };
    const calls = await Promise.all(Array.from({ length: 20 }, () => callSwitch(erp, checkout)));
    expect(calls.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(calls.filter(({ status }) => status === 409)).toHaveLength(19);
  });
});

test("health and figures are told", async () => {
  await using erp = await openErp();
  await callSwitch(erp, CHECKIN);
  const get = async (path: string) => (await fetch(erp.url + path)).text();
  expect(await get("/livez")).toBe("ok\n");
  expect(await get("/readyz?verbose")).toBe("[+]store ok\nok\n");
  const metrics = await get("/metrics");
  expect(metrics).toContain('erp_usages{status="checkin"} 1\n');
  expect(metrics).toContain('erp_usages{status="checkout"} 0\n');
  expect(metrics).toContain('erp_requests_total{code="200"} 1\n');
});

test("figures that were told once stay exact, whatever the calls come to", async () => {
  await using erp = await openErp();
  const figures = async () => {
    const text = await (await fetch(`${erp.url}/metrics`)).text();
    return Object.fromEntries(
      [...text.matchAll(/^erp_\w+\{\w+="(\w+)"\} (\d+)$/gm)].map(([, of, n]) => [of, Number(n)]),
    );
  };
  expect(await figures()).toEqual({ checkin: 0, checkout: 0, timein: 0, timeout: 0 });
  const key = { "idempotency-key": "the-same" };
  await callSwitch(erp, CHECKIN, key);
  await callSwitch(erp, CHECKIN, key);
  await callSwitch(erp, CHECKIN);
  await callSwitch(erp, { serial: SERIAL, status: "timein" });
  await callSwitch(erp, { serial: SERIAL, status: "timeout" });
  await callSwitch(erp, { serial: "dev-0001", status: "checkout" });
  await callSwitch(erp, { ...CHECKIN, scent: "rose" });
  await callSwitch(erp, CHECKIN, { accept: "text/html" });
  const expected = { checkin: 1, checkout: 0, timein: 0, timeout: 1, 200: 5, 403: 1, 409: 1, 422: 1 };
  await eventually(async () => expect(await figures()).toEqual(expected));
  await erp.restart();
  expect(await figures()).toEqual(expected);
});
