import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { postCustomer } from "../support/customer-calls.ts";
import { versionIn } from "../support/customer-forms.ts";
import { SERIAL } from "../support/devices.ts";
import { callSwitch } from "../support/erp-calls.ts";
import { auditOf, callApi, inviteColleague } from "../support/erp-office.ts";
import { openErp } from "../support/erp-system.ts";
import { openLogBook } from "../support/log-book.ts";

type Erp = Awaited<ReturnType<typeof openErp>>;

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
