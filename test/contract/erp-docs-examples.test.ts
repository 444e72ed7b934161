import { describe, expect, test } from "vitest";
import { systemClock } from "../../plumbing/clock.ts";
import { openErp } from "../support/erp-system.ts";

type Example = { value: unknown };
type Answer = { content?: Record<string, { examples: Record<string, Example> }> };
type Operation = {
  parameters?: { name?: string; in?: string; example?: unknown }[];
  requestBody?: Answer;
  responses: Record<string, Answer>;
};
type Document = { paths: Record<string, Record<string, Operation>> };

const THEN = Date.parse("2024-11-01T08:00:00.000Z");
const HOUR_MS = 3_600_000;
/** In an order in which each finds what it refers to. */
const RESOURCES = [
  "corporations",
  "clients",
  "users",
  "device-types",
  "rooms",
  "devices",
  "device-setups",
  "scents",
  "schedules",
  "payments",
  "api-keys",
];
/** Made anew each time. */
const KEY = { key: expect.any(String) as unknown };

/** What the document shows of an operation. */
function shownBy({ paths }: Document) {
  const firstOf = (answer: Answer | undefined): Example["value"] => {
    const [media] = Object.values(answer?.content ?? {});
    return Object.values(media?.examples ?? {})[0]?.value;
  };
  return (method: string, path: string) => {
    const operation = paths[path]?.[method];
    if (!operation) throw new Error(`${method} ${path} is not in the document.`);
    const query = (operation.parameters ?? []).filter((one) => one.in === "query" && one.example !== undefined);
    return {
      /** With all that is shown of it. */
      address: `${path}?${query.map(({ name, example }) => `${String(name)}=${String(example)}`).join("&")}`,
      body: firstOf(operation.requestBody) as object,
      answer: (status: number) => firstOf(operation.responses[status]),
    };
  };
}

/** An empty ERP at the time of the examples, with whatever can be called there. */
async function openAtThatTime() {
  let time = THEN;
  const erp = await openErp({ clock: { ...systemClock, now: () => time }, seed: "empty" });
  const document = (await (await fetch(`${erp.url}/openapi.json`)).json()) as Document;
  const call = async (
    method: string,
    path: string,
    { body, headers = {} }: { body?: unknown; headers?: object } = {},
  ) => {
    const init = { method, headers: { authorization: `Bearer ${erp.apiKey}`, ...headers } };
    const answer = await fetch(erp.url + path, body === undefined ? init : { ...init, body: asText(body) });
    const text = await answer.text();
    const isJson = /json/.test(answer.headers.get("content-type") ?? "");
    return { status: answer.status, headers: answer.headers, body: isJson ? (JSON.parse(text) as unknown) : text };
  };
  /** Adds what the examples add, in their order. */
  const addAll = async () => {
    await call("POST", "/api/users", { body: { name: "Zoe", email: "zoe@hotel.example", role: "admin" } });
    for (const name of RESOURCES) {
      const { body, answer } = shown("post", `/api/${name}`);
      const added = await call("POST", `/api/${name}`, { body });
      const told = answer(201) as { id: number };
      const extra = name === "api-keys" ? KEY : {};
      expect([name, added.status, added.body]).toEqual([name, 201, { ...told, ...extra }]);
      expect(added.headers.get("location")).toBe(`/api/${name}/${String(told.id)}`);
    }
  };
  const shown = shownBy(document);
  const passTo = (at: number) => {
    time = at;
  };
  return { passTo, document, shown, call, addAll, close: erp.close, [Symbol.asyncDispose]: erp.close };
}

const asText = (body: unknown) => (typeof body === "string" ? body : JSON.stringify(body));

describe("what the document shows is what an ERP answers, called so", () => {
  test("of each entity of the operations guide", async () => {
    await using erp = await openAtThatTime();
    await erp.addAll();
    erp.passTo(THEN + 60 * 24 * HOUR_MS);
    for (const name of RESOURCES) {
      const path = `/api/${name}`;
      const listed = erp.shown("get", path);
      expect((await erp.call("GET", listed.address)).body).toEqual(listed.answer(200));
      const row = erp.shown("get", `${path}/{id}`).answer(200) as { id: number };
      const address = `${path}/${String(row.id)}`;
      const one = await erp.call("GET", address);
      expect(one.body).toEqual(row);
      const etag = one.headers.get("etag") ?? "";
      expect((await erp.call("GET", address, { headers: { "if-none-match": etag } })).status).toBe(304);
      const { body, answer } = erp.shown("patch", `${path}/{id}`);
      const changed = await erp.call("PATCH", address, { body, headers: { "if-match": etag } });
      expect(changed.body).toEqual(answer(200));
      const outdated = await erp.call("PATCH", address, { body: {}, headers: { "if-match": etag } });
      expect(outdated.status).toBe(412);
      const before = one.body as Record<string, unknown>;
      const undone = Object.fromEntries(Object.keys(body).map((field) => [field, before[field]]));
      expect((await erp.call("PATCH", address, { body: undone })).body).toEqual(before);
    }
  });

  test("of usages and reports", async () => {
    await using erp = await openAtThatTime();
    await erp.addAll();
    const { address, answer } = erp.shown("get", "/device/switch");
    const key = { "idempotency-key": "019ca945-ab4f-7a92-a1b7-46e8d05c3f29" };
    const { timestamp, ...others } = answer(200) as { timestamp: string };
    const switched = await erp.call("GET", address, { headers: key });
    expect(switched.body).toEqual({ ...others, timestamp: new Date(timestamp).toISOString() });
    const usages = "/api/device-usages";
    expect((await erp.call("GET", usages)).body).toEqual(erp.shown("get", usages).answer(200));
    expect((await erp.call("GET", `${usages}/1`)).body).toEqual(erp.shown("get", `${usages}/{id}`).answer(200));

    erp.passTo(THEN + 1.5 * HOUR_MS);
    await erp.call("GET", "/device/switch?serial=dev-0001&status=checkout");
    for (const name of ["device-usage", "payments", "billables"]) {
      const path = `/api/reports/${name}`;
      const told = erp.shown("get", path).answer(200) as { days?: object[] };
      const days = told.days && { days: expect.arrayContaining(told.days) as unknown };
      expect((await erp.call("GET", erp.shown("get", path).address)).body).toEqual({ ...told, ...days });
      const csv = erp.shown("get", `${path}.csv`);
      expect((await erp.call("GET", csv.address)).body).toBe(csv.answer(200));
    }

    erp.passTo(THEN + 60 * 24 * HOUR_MS);
    const entered = erp.shown("post", usages);
    expect((await erp.call("POST", usages, { body: entered.body })).body).toEqual(entered.answer(201));
    const change = erp.shown("patch", `${usages}/{id}`);
    expect((await erp.call("PATCH", `${usages}/3`, { body: change.body })).body).toEqual(change.answer(200));
    expect((await erp.call("DELETE", `${usages}/1`)).status).toBe(409);
    expect((await erp.call("DELETE", `${usages}/3`)).status).toBe(204);
  });

  test("of roles", async () => {
    await using erp = await openAtThatTime();
    expect((await erp.call("GET", "/api/roles")).body).toEqual(erp.shown("get", "/api/roles").answer(200));
  });

  test("of customers", async () => {
    await using erp = await openAtThatTime();
    const { body, answer } = erp.shown("post", "/api/customers");
    const setUp = await erp.call("POST", "/api/customers", { body });
    expect(setUp.body).toEqual({ ...(answer(200) as object), customer_id: 1 });
    const { email: _, ...without } = body as Record<string, unknown>;
    expect((await erp.call("POST", "/api/customers", { body: without })).body).toEqual(answer(422));
    const told = { ...(erp.shown("get", "/api/customers/{id}").answer(200) as object), id: 1 };
    expect((await erp.call("GET", "/api/customers/1")).body).toEqual(told);
    expect((await erp.call("GET", "/api/customers/1/export")).body).toEqual(told);
    expect((await erp.call("GET", "/api/customers")).body).toEqual({ data: [told], total: 1, page: 1, pages: 1 });
  });

  test("of import and export", async () => {
    await using erp = await openAtThatTime();
    await erp.addAll();
    const path = "/api/master-data";
    expect((await erp.call("GET", path)).body).toEqual(erp.shown("get", path).answer(200));
    const { body } = erp.shown("post", path);
    expect((await erp.call("POST", path, { body })).body).toEqual({ added: 0, changed: 0, unchanged: 8 });
    const tables = Object.keys(erp.document.paths).filter((one) => one.startsWith(path) && one.endsWith(".csv"));
    expect(tables).toHaveLength(8);
    for (const table of tables) {
      const csv = (await erp.call("GET", table)).body;
      expect(csv).toBe(erp.shown("get", table).answer(200));
      const imported = await erp.call("POST", table.replace(".csv", ""), {
        body: csv,
        headers: { "content-type": "text/csv" },
      });
      expect(imported.body).toEqual({ added: 0, changed: 0, unchanged: 1 });
    }
  });
});
