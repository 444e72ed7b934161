import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RESOURCE_NAMES, type ResourceName } from "../../erp-stub/resources.ts";
import {
  type Answer,
  add,
  ask,
  BODIES,
  errorsOf,
  listed,
  openFurnished,
  patch,
  post,
  type Row,
  remove,
} from "../support/erp-api.ts";
import { CASES } from "../support/erp-resource-cases.ts";
import { countRows } from "../support/erp-system.ts";

const firstOf = (name: ResourceName) => ({ id: 1, ...BODIES[name], ...CASES[name].more });
const etagOf = ({ headers }: Answer) => headers.get("etag") ?? "none";

type Erp = Awaited<ReturnType<typeof openFurnished>>;

describe.for(RESOURCE_NAMES)("/api/%s", (name) => {
  const path = `/api/${name}`;
  const { other, change, wrong } = CASES[name];
  const table = name.replaceAll("-", "_");
  let erp: Erp;
  /** Changes the first row, if it is still the one that was seen. */
  const patchSeen = (body: unknown, etag: string) =>
    ask(erp, `${path}/1`, { method: "PATCH", body, headers: { "if-match": etag } });
  beforeAll(async () => {
    erp = await openFurnished();
  });
  afterAll(() => erp.close());

  test("adds, reads, changes and removes a row", async () => {
    const added = await post(erp, path, other);
    const row = added.body as Row;
    expect(added.status).toBe(201);
    expect(added.headers.get("location")).toBe(`${path}/${String(row.id)}`);
    expect(row).toMatchObject(other);
    const place = `${path}/${String(row.id)}`;
    const read = await ask(erp, place);
    const { key, ...shown } = row;
    expect([read.status, read.body, etagOf(read)]).toEqual([200, shown, expect.stringMatching(/^"[\w-]{22}"$/)]);
    // A key can be read once only, and so the answer that tells it is another one.
    expect(typeof key).toBe(name === "api-keys" ? "string" : "undefined");
    expect(etagOf(added)).toBe(etagOf(read));

    for (const tags of [etagOf(read), `"other", W/${etagOf(read)}`, "*"]) {
      const same = await ask(erp, place, { headers: { "if-none-match": tags } });
      expect([tags, same.status, same.text, etagOf(same)]).toEqual([tags, 304, "", etagOf(read)]);
    }
    expect((await ask(erp, place, { headers: { "if-none-match": '"other"' } })).status).toBe(200);

    expect((await remove(erp, place, { "if-match": '"other"' })).status).toBe(412);
    const removed = await remove(erp, place, { "if-match": etagOf(read) });
    expect([removed.status, removed.text]).toEqual([204, ""]);
    for (const gone of [await ask(erp, place), await patch(erp, place, {}), await remove(erp, place)]) {
      expect([gone.status, gone.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
    }
    expect((await ask(erp, `${path}/1`)).body).toEqual(firstOf(name));
  });

  test("changes the given fields only, of the version that was seen", async () => {
    const before = await ask(erp, `${path}/1`);
    const changed = await patchSeen(change, etagOf(before));
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ ...BODIES[name], ...change });
    expect(etagOf(changed)).not.toBe(etagOf(before));
    expect(await ask(erp, `${path}/1`)).toMatchObject({ body: changed.body });

    const late = await patchSeen(change, etagOf(before));
    expect([late.status, late.body]).toMatchObject([412, { status: 412, title: "Precondition failed" }]);
    const undone = Object.fromEntries(Object.keys(change).map((field) => [field, BODIES[name][field] ?? null]));
    const back = await patchSeen(undone, "*");
    expect([back.status, back.body, etagOf(back)]).toEqual([200, before.body, etagOf(before)]);
    expect((await patch(erp, `${path}/1`, {})).body).toEqual(before.body);
  });

  test("names what is wrong at its field, in the words of Laravel, and adds nothing", async () => {
    const count = countRows(erp.file, table);
    for (const [part, errors] of wrong) {
      const told = Object.fromEntries(Object.entries(errors).map(([field, message]) => [field, [message]]));
      const answer = await post(erp, path, { ...other, ...part });
      expect([part, errorsOf(answer)]).toEqual([part, told]);
      expect(answer.body).toMatchObject({ detail: Object.values(errors).join(" ") });
    }
    expect(countRows(erp.file, table)).toBe(count);
  });

  test("names what is wrong in a change too, and changes nothing", async () => {
    const before = await ask(erp, `${path}/1`);
    for (const [part, errors] of wrong) {
      const told = Object.entries(errors).map(([field, message]) => [field, [message]] as const);
      // What is absent stays, and what this row has is not taken by another one.
      const isWrong = Object.values(part).every((value) => value !== undefined) && !/taken/.test(String(told));
      if (isWrong) expect(errorsOf(await patch(erp, `${path}/1`, part))).toEqual(Object.fromEntries(told));
    }
    expect(await ask(erp, `${path}/1`)).toMatchObject({ body: before.body });
  });

  test("names all that is wrong at once, and what is not a field", async () => {
    const required = Object.entries(errorsOf(await post(erp, path, {})));
    expect(required).toHaveLength(CASES[name].required);
    for (const [field, messages] of required)
      expect([field, messages]).toEqual([field, [expect.stringMatching(/required\.$/)]]);
    const unknown = { id: 7, constructor: 1, toString: "x", "": 1 };
    const told = Object.fromEntries(Object.keys(unknown).map((field) => [field, [`There is no field ${field}.`]]));
    expect(errorsOf(await post(erp, path, { ...other, ...unknown }))).toEqual(told);
    expect(errorsOf(await patch(erp, `${path}/1`, unknown))).toEqual(told);
    expect((await post(erp, path, '{"__proto__":1}')).status).toBe(422);
  });

  test.for<[body: string, status: number, errors: object | undefined]>([
    ["{", 400, undefined],
    ["name=x", 400, undefined],
    ["[]", 422, { body: ["Send a JSON object."] }],
    ['[{"name":"x"}]', 422, { body: ["Send a JSON object."] }],
    ["null", 422, { body: ["Send a JSON object."] }],
    ['"x"', 422, { body: ["Send a JSON object."] }],
    ["", 422, { body: ["Send a JSON object."] }],
  ])("the body %j gets %i", async ([body, status, errors]) => {
    for (const answer of [await post(erp, path, body), await patch(erp, `${path}/1`, body)]) {
      expect([answer.status, answer.headers.get("content-type")]).toEqual([status, "application/problem+json"]);
      expect((answer.body as { errors?: object }).errors).toEqual(errors);
    }
  });

  test.for(["99", "0", "01", "-1", "1.5", "x", "%00", "1e0", "99999999999999999999"])(
    "no row has the id %s",
    async (id) => {
      const place = `${path}/${id}`;
      for (const answer of [await ask(erp, place), await patch(erp, place, change), await remove(erp, place)]) {
        expect([answer.status, answer.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
        expect(answer.body).toMatchObject({ status: 404, detail: expect.stringMatching(/^There is no /) });
      }
    },
  );

  test("lists its rows, page by page", async () => {
    expect(listed(await ask(erp, path))).toEqual({ data: [firstOf(name)], total: 1, page: 1, pages: 1 });
    expect(listed(await ask(erp, `${path}?page=2&limit=1&q=`))).toEqual({ data: [], total: 1, page: 2, pages: 1 });
  });

  test.for<[query: string, errors: Record<string, string>]>([
    ["limit=0", { limit: "The limit must be a positive whole number." }],
    [
      "limit=x&page=-1",
      { limit: "The limit must be a positive whole number.", page: "The page must be a positive whole number." },
    ],
    ["limit=501", { limit: "The limit must not be greater than 500." }],
    ["page=1&page=2", { page: "The page must not be given more than once." }],
    ["q=a&q=b", { q: "The q must not be given more than once." }],
    [`q=${"a".repeat(201)}`, { q: "The q must not be greater than 200 characters." }],
    ["sort=name", { sort: "There is no parameter sort." }],
    ["id=1", { id: "There is no parameter id." }],
    ["__proto__=1", { ["__proto__"]: "There is no parameter __proto__." }],
    [
      "constructor=1&toString=1",
      { constructor: "There is no parameter constructor.", toString: "There is no parameter toString." },
    ],
  ])("refuses the parameters %s", async ([query, errors]) => {
    const told = Object.entries(errors).map(([field, message]) => [field, [message]]);
    expect(Object.entries(errorsOf(await ask(erp, `${path}?${query}`)))).toEqual(expect.arrayContaining(told));
  });
});

describe("texts", () => {
  test("are trimmed, in every field, and an empty note is none", async () => {
    await using erp = await openFurnished();
    for (const [name, body] of [
      ["corporations", { name: "\t Lake Hotels \n" }],
      ["clients", { ...CASES.clients.other, timezone: " UTC " }],
      ["users", { ...CASES.users.other, email: " ada@hotel.example " }],
      ["devices", { device_type_id: 1, serial: " POD-2 " }],
      ["device-setups", { ...CASES["device-setups"].other, ended_at: " 2025-02-01T00:00:00Z " }],
      ["scents", { code: " fire ", name: "\u00a0Fire\u3000" }],
      ["schedules", { start_time: " 14:00:00", end_time: "18:00:00 " }],
      ["payments", { ...CASES.payments.other, paid_on: " 2026-02-28 ", note: "  " }],
    ] as const) {
      expect(await add(erp, name, body)).toMatchObject(CASES[name].other);
    }
  });

  test("keep what is written within them", async () => {
    await using erp = await openFurnished();
    for (const name of ['"Quoted", <b>&', "Zürich  –  東京 🏨", "'; DROP TABLE corporations; --", "=1+1", "null"]) {
      expect(await add(erp, "corporations", { name })).toMatchObject({ name });
    }
    expect(countRows(erp.file, "corporations")).toBe(6);
  });

  test("times are kept in UTC with milliseconds", async () => {
    await using erp = await openFurnished();
    const body = { ...CASES["device-setups"].other, installed_at: "2025-01-01T08:00:00.5+08:00" };
    expect(await add(erp, "device-setups", body)).toMatchObject({ installed_at: "2025-01-01T00:00:00.500Z" });
  });
});
