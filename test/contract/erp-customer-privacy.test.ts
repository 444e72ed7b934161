import { readFileSync } from "node:fs";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { manualClock } from "../support/clock.ts";
import { postCustomer } from "../support/customer-calls.ts";
import { versionIn } from "../support/customer-forms.ts";
import { SERIAL } from "../support/devices.ts";
import { callSwitch } from "../support/erp-calls.ts";
import { auditOf, callApi, inviteColleague } from "../support/erp-office.ts";
import { openErp } from "../support/erp-system.ts";
import { eventually } from "../support/eventually.ts";
import { openLogBook } from "../support/log-book.ts";

type Erp = Awaited<ReturnType<typeof openErp>>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MARK = "zanzibar";
const PERSON = {
  name: `Name ${MARK}`,
  email: `${MARK}@example.com`,
  phone: `555 ${MARK}`,
  gender: "f",
  age: 142,
  birthdate: "1884-11-07",
  preferences: { [`key ${MARK}`]: `value ${MARK}` },
};
const FORM = { ...PERSON, age: "142", preferences: JSON.stringify(PERSON.preferences) };
const isTold = (text: string) => /zanzibar|1884-11-07|\b142\b/i.test(text);

function textOf(erp: Erp, tables: readonly string[]): string {
  const db = new Database(erp.file, { readonly: true });
  const rows = tables.map((table) => db.prepare(`SELECT * FROM ${table}`).all());
  db.close();
  return JSON.stringify(rows);
}

test("nothing of a customer stands in the audit log, the journal or the log, whatever is done with them", async () => {
  const { log, lines } = openLogBook();
  await using erp = await openErp({ log });
  const ada = await inviteColleague(erp);
  await callSwitch(erp, { serial: SERIAL, status: "checkin", scent: "wood" });
  for (const body of [PERSON, { ...PERSON, gender: MARK }, `{"${MARK}`, `"${MARK}"`]) await postCustomer(erp, body);
  await fetch(`${erp.url}/api/customers?email=${PERSON.email}`, { method: "PUT", headers: { via: MARK } });
  await fetch(`${erp.url}/api/customers?email=${PERSON.email}`, { method: "POST", headers: { host: "erp.example" } });
  const disguised = `${erp.url}/%61pi/customers?email=${PERSON.email}`;
  await fetch(disguised, { method: "POST", headers: { "idempotency-key": MARK } });
  await ada.send("/customers/new", { ...FORM, email: `${MARK}@example.org` });
  await ada.send("/customers/new", { ...FORM, email: MARK });
  const version = versionIn(await ada.get("/customers/1/edit"));
  await ada.send("/customers/1/edit", { ...FORM, name: `Other ${MARK}`, phone: "", version });
  for (const path of ["", `?q=${MARK}`, "/1", "/1/export.json"]) await ada.get(`/customers${path}`);
  for (const path of [`?q=${MARK}`, "/1", "/1/export"]) await callApi(erp, `/customers${path}`);
  // The control: that is what is looked for, and where it is found.
  expect(isTold(textOf(erp, ["customers"]))).toBe(true);
  for (const id of ["1", "2"]) await ada.send(`/customers/${id}/erase`);

  const actions = (await auditOf(erp, { q: "customers" })).data.map(
    ({ action, rowId }) => `${action} ${String(rowId)}`,
  );
  expect(actions).toEqual(["erased 2", "erased 1", "exported 1", "exported 1", "changed 1", "added 2"]);
  await erp.restart();
  expect(textOf(erp, ["requests"])).toContain("POST /api/customers");
  expect(isTold(textOf(erp, ["audit", "requests", "device_usages", "settings", "customers"]))).toBe(false);
  expect(isTold(JSON.stringify(lines))).toBe(false);
});

/** The files of an ERP that have something of the person. */
function filesWith(erp: Erp): string[] {
  return ["", "-wal", "-shm"].filter((end) => readFileSync(erp.file + end, "latin1").includes(MARK));
}

describe("while the ERP runs, none of its files has anything of a customer", () => {
  test("who was erased, and no write came after that", async () => {
    await using erp = await openErp();
    for (const name of [PERSON.name, `Other ${MARK}`]) await postCustomer(erp, { ...PERSON, name });
    expect(filesWith(erp)).toContain("-wal");
    expect((await callApi(erp, "/customers/1", { method: "DELETE" })).status).toBe(204);
    expect(filesWith(erp)).toEqual([]);
  });

  test("of all who are erased at the same instant", async () => {
    await using erp = await openErp();
    const ids = Array.from({ length: 20 }, (_, at) => String(at + 1));
    for (const id of ids) await postCustomer(erp, { email: `${id}.${PERSON.email}` });
    await Promise.all(ids.map((id) => callApi(erp, `/customers/${id}`, { method: "DELETE" })));
    expect(filesWith(erp)).toEqual([]);
  });

  test("who was erased after their retention", async () => {
    const clock = manualClock();
    await using erp = await openErp({ clock });
    await postCustomer(erp, PERSON);
    await callApi(erp, "/settings", { method: "PATCH", body: { retention_days: 1 } });
    clock.advance(DAY_MS + HOUR_MS);
    await eventually(() => expect(filesWith(erp)).toEqual([]));
  });

  test("who was erased while another program read the file: within an hour after that", async () => {
    const clock = manualClock();
    await using erp = await openErp({ clock });
    await postCustomer(erp, PERSON);
    const reader = new Database(erp.file, { readonly: true });
    reader.exec("BEGIN; SELECT * FROM customers");
    expect((await callApi(erp, "/customers/1", { method: "DELETE" })).status).toBe(204);
    expect(filesWith(erp)).toContain("-wal");
    reader.close();
    clock.advance(HOUR_MS);
    await eventually(() => expect(filesWith(erp)).toEqual([]));
  });
});
