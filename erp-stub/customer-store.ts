import { HttpError } from "../plumbing/http-reply.ts";
import { parseJson } from "../plumbing/json.ts";
import type { Sqlite } from "../plumbing/sqlite.ts";
import type { AuditEntry, AuditStore } from "./audit-store.ts";
import type { ErpError } from "./contract.ts";
import { setUpCustomer } from "./customer.ts";
import type { Customer, CustomerInput, CustomerRow } from "./customer-contract.ts";
import { prepareErasure } from "./customer-erasure-store.ts";
import { FieldsError } from "./field-errors.ts";
import { versionOf } from "./resource-store.ts";
import { searchOf, standsIn, type TextSearch } from "./text-search.ts";

type StoredRow = Omit<CustomerRow, "preferences"> & { preferences: string | null };

/** What became of a call: a customer that is kept, or the reason why nothing is. */
export type Upsert = { id: number; customer: Customer } | { error: ErpError };

/** Who of the staff does it, and when: ISO 8601, UTC, milliseconds. */
type By = Pick<AuditEntry, "at" | "actor">;

export type CustomerStore = ReturnType<typeof openCustomerStore>;

export function openCustomerStore(db: Sqlite, audit: AuditStore) {
  const rows = prepareRows(db);
  const erasure = prepareErasure(db, audit);

  return {
    /**
     * Creates the customer or updates the one with this e-mail.
     *
     * @param at ISO 8601, UTC, milliseconds
     */
    upsert: (input: CustomerInput, at: string): Promise<Upsert> => db.write(() => upsert(rows, input, at)),

    ...prepareLists(db),
    find: rows.find,
    ...prepareStaffWork(db, { rows, audit }),

    ...erasure,
    /** Nothing is left of the customer. @throws {HttpError} 404 */
    erase: async (id: number, by: By): Promise<void> => {
      if (!(await erasure.erase(id, by))) noSuchCustomer();
    },
  };
}

/** Changes with every change of the customer. */
export function versionOfCustomer(row: CustomerRow): string {
  return versionOf({ ...row, preferences: JSON.stringify(row.preferences) });
}

function prepareLists(db: Sqlite) {
  const statements = new Map<string, ReturnType<Sqlite["prepare"]>>();
  const prepared = (sql: string) => statements.getOrInsertComputed(sql, db.prepare);

  return {
    /** Newest first; `q` as in `count`. */
    list({ q = "", limit, offset = 0 }: { q?: string; limit: number; offset?: number }): CustomerRow[] {
      const search = searchOf(q);
      const sql = `SELECT * FROM customers WHERE ${conditionOf(search)} ORDER BY id DESC LIMIT :limit OFFSET :offset`;
      return (prepared(sql).all({ ...search?.values, limit, offset }) as StoredRow[]).map(parseRow);
    },

    /** How many there are in whose name, e-mail or phone number `q` stands. */
    count(q = ""): number {
      const search = searchOf(q);
      const all = prepared(`SELECT count(*) AS total FROM customers WHERE ${conditionOf(search)}`);
      return (all.get({ ...search?.values }) as { total: number }).total;
    },
  };
}

function conditionOf(search: TextSearch | undefined): string {
  return search ? ["name", "email", "phone"].map((column) => standsIn(column, search)).join(" OR ") : "true";
}

type Rows = ReturnType<typeof prepareRows>;

function prepareRows(db: Sqlite) {
  const byId = db.prepare("SELECT * FROM customers WHERE id = ?");
  const byEmail = db.prepare("SELECT * FROM customers WHERE email = ?");
  const insert = db.prepare(
    `INSERT INTO customers (name, email, phone, gender, age, birthdate, preferences, created_at, updated_at)
     VALUES (:name, :email, :phone, :gender, :age, :birthdate, :preferences, :at, :at)`,
  );
  const update = db.prepare(
    `UPDATE customers SET name = :name, email = :email, phone = :phone, gender = :gender, age = :age,
       birthdate = :birthdate, preferences = :preferences, updated_at = :at WHERE id = :id`,
  );
  const found = (row: unknown) => (row === undefined ? undefined : parseRow(row as StoredRow));
  const columns = (customer: Customer, at: string) => {
    return { ...customer, preferences: customer.preferences && JSON.stringify(customer.preferences), at };
  };
  return {
    find: (id: number): CustomerRow | undefined => found(byId.get(id)),
    ofEmail: (email: string): CustomerRow | undefined => found(byEmail.get(email)),
    add: (customer: Customer, at: string): number => Number(insert.run(columns(customer, at)).lastInsertRowid),
    change: (id: number, customer: Customer, at: string) => void update.run({ ...columns(customer, at), id }),
  };
}

function upsert(rows: Rows, input: CustomerInput, at: string): Upsert {
  const row = rows.ofEmail(input.email);
  const outcome = setUpCustomer(row && customerOf(row), input);
  if ("error" in outcome) return outcome;
  const { customer } = outcome;
  if (row) rows.change(row.id, customer, at);
  return { id: row?.id ?? rows.add(customer, at), customer };
}

/** What the staff does to customers; each is one commit with its entry in the audit log, which tells nothing of the person. */
function prepareStaffWork(db: Sqlite, { rows, audit }: { rows: Rows; audit: AuditStore }) {
  const record = (action: string, rowId: number, { at, actor, fields = [] }: By & { fields?: readonly string[] }) =>
    audit.record({ at, actor, action, resource: "customers", rowId, changes: fields });

  return {
    /** @throws {FieldsError} also when there is one with this e-mail */
    add: (input: CustomerInput, by: By): Promise<number> =>
      db.write(() => {
        const { id, fields } = add(rows, input, by.at);
        record("added", id, { ...by, fields });
        return id;
      }),

    /** What the input does not name is cleared. @throws {HttpError} 404, 412 or 422 */
    change: (id: number, wanted: { input: CustomerInput; version: string }, by: By): Promise<void> =>
      db.write(() => {
        const fields = change(rows, { id, ...wanted }, by.at);
        if (fields.length > 0) record("changed", id, { ...by, fields });
      }),

    /** All that is kept of a customer, for whom it is handed to. @throws {HttpError} 404 */
    export: (id: number, by: By): Promise<CustomerRow> =>
      db.write(() => {
        const row = rows.find(id) ?? noSuchCustomer();
        record("exported", id, by);
        return row;
      }),
  };
}

/** The new customer's id, and which fields they have. */
function add(rows: Rows, input: CustomerInput, at: string) {
  const customer = wholeCustomer(input);
  refuseTaken(rows, customer.email);
  return { id: rows.add(customer, at), fields: fieldsOf(customer).filter((field) => customer[field] !== null) };
}

/** The fields that are others now. */
function change(rows: Rows, { id, input, version }: { id: number; input: CustomerInput; version: string }, at: string) {
  const row = rows.find(id) ?? noSuchCustomer();
  if (version !== versionOfCustomer(row)) throw new HttpError(412, CHANGED_MEANWHILE);
  const customer = wholeCustomer(input);
  refuseTaken(rows, customer.email, id);
  const fields = fieldsOf(customer).filter((field) => !isSame(row[field], customer[field]));
  if (fields.length > 0) rows.change(id, customer, at);
  return fields;
}

/** @throws {FieldsError} when another customer has this e-mail */
function refuseTaken(rows: Rows, email: string, ownId?: number): void {
  const other = rows.ofEmail(email);
  if (other && other.id !== ownId) throw new FieldsError({ email: ["The email has already been taken."] });
}

const CHANGED_MEANWHILE = "This customer was changed meanwhile: look at it again.";

export function noSuchCustomer(): never {
  throw new HttpError(404, "There is no such customer.");
}

/** @throws {FieldsError} */
function wholeCustomer(input: CustomerInput): Customer {
  const outcome = setUpCustomer(undefined, input);
  if ("error" in outcome) throw new FieldsError(outcome.error.details ?? {});
  return outcome.customer;
}

function fieldsOf(customer: Customer) {
  return Object.keys(customer) as (keyof Customer)[];
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function customerOf({ id: _id, created_at: _created, updated_at: _updated, ...customer }: CustomerRow): Customer {
  return customer;
}

/** A text that cannot be parsed would stand in an error's message, and so in the log. */
function parseRow(row: StoredRow): CustomerRow {
  return {
    ...row,
    preferences: row.preferences === null ? null : ((parseJson(row.preferences) as Customer["preferences"]) ?? null),
  };
}
