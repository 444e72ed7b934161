import { describe, expect, test } from "vitest";
import { customerRequestSchema } from "../../erp-stub/customer-contract.ts";
import { newFaultSchema } from "../../erp-stub/fault-contract.ts";
import type { Answer, Example, Media, Parameter } from "../../erp-stub/openapi-parts.ts";
import { manualUsageSchema } from "../../erp-stub/operations-contract.ts";
import { RESOURCES } from "../../erp-stub/resources.ts";
import { HttpError, problem } from "../../plumbing/http-reply.ts";
import type { Schema } from "../../plumbing/schema-fields.ts";
import { DOCUMENTED_CUSTOMER, DOCUMENTED_SETUP } from "../support/katlai-documents.ts";
import { type Operation, readOpenApi } from "../support/openapi-document.ts";

const { schemas, operations, resolved, problemsOf } = await readOpenApi();

describe("the examples", () => {
  const medias = operations.flatMap(({ key, requestBody, responses }) => [
    ...Object.values(requestBody?.content ?? {}).map((media): [string, Media] => [`${key} body`, media]),
    ...Object.entries(responses).flatMap(([status, one]) =>
      Object.values(resolved(one).content ?? {}).map((media): [string, Media] => [`${key} ${status}`, media]),
    ),
  ]);

  test("of bodies and answers fit their schemas", () => {
    const misfits = medias.flatMap(([where, { schema, examples = {} }]) => {
      const values = Object.values(examples).map(({ value }) => value);
      if (values.length === 0) return [[where, "has no example"]];
      const problems = values.flatMap((value) => problemsOf(schema, value) ?? []);
      return problems.length === 0 ? [] : [[where, problems]];
    });
    expect(misfits).toEqual([]);
    expect(medias.length).toBeGreaterThan(500);
  });

  test("of parameters fit their schemas", () => {
    const parameters = operations.flatMap((operation) => operation.parameters.map((one) => resolved<Parameter>(one)));
    const given = parameters.filter(({ example }) => example !== undefined);
    expect(given.length).toBeGreaterThan(50);
    expect(given.filter(({ schema, example }) => problemsOf(schema, example))).toEqual([]);
  });

  test("say nothing that the schemas do not know", () => {
    const closed = (name: string) => ({ ...schemas[name], additionalProperties: false }) as Schema;
    const rows = operations.flatMap(({ responses }) =>
      ["200", "201"].flatMap((status) => {
        const [media] = Object.values(responses[status] ? (resolved(responses[status]).content ?? {}) : {});
        const name = media?.schema.$ref?.split("/").at(-1);
        return name ? Object.values(media?.examples ?? {}).map(({ value }) => ({ name, value })) : [];
      }),
    );
    expect(rows.length).toBeGreaterThan(30);
    expect(rows.filter(({ name, value }) => problemsOf(closed(name), value))).toEqual([]);
  });

  test("of problems are what the server writes", () => {
    const problems = medias.flatMap(([, { examples = {} }]) => Object.values(examples)).map(({ value }) => value);
    const told = problems.filter((value): value is { status: number; detail: string } =>
      JSON.stringify(value).startsWith('{"type":"about:blank"'),
    );
    expect(told.length).toBeGreaterThan(100);
    for (const value of told) {
      const written = JSON.parse(String(problem(new HttpError(value.status, value.detail)).body)) as object;
      expect(value).toMatchObject(written);
    }
  });
});

test("the two documented endpoints have the documentation’s own examples, byte for byte", () => {
  const of = (key: string) => operations.find((operation) => operation.key === key) as Operation;
  const bytes = (media: Media | undefined) => media?.examples?.["documented"] as Example;
  const at = (key: string, status: string) =>
    bytes((of(key).responses[status] as Answer).content?.["application/json"]);
  const body = bytes(of("POST /api/customers").requestBody?.content["application/json"]);
  const shown = [
    [at("GET /device/switch", "200"), DOCUMENTED.switched],
    [body, DOCUMENTED.customer],
    [at("POST /api/customers", "200"), DOCUMENTED.setUp],
    [at("POST /api/customers", "422"), DOCUMENTED.refused],
  ] as const;
  for (const [example, documented] of shown) {
    expect(example["x-serialized-value"]).toBe(documented);
    expect(JSON.stringify(example.value)).toBe(JSON.stringify(JSON.parse(documented)));
  }
  expect(of("GET /device/switch")).toHaveProperty(["x-documented-request"], DOCUMENTED.call);
  expect(Object.keys(of("GET /device/switch").responses)).toEqual(["200", "403", "409", "415", "422", "500"]);
  expect(Object.keys(of("POST /api/customers").responses)).toEqual(["200", "400", "403", "413", "415", "422", "500"]);
});

const BODIES = [
  ...Object.values(RESOURCES).map(({ name, schema }) => ({ path: `/api/${name}`, schema })),
  { path: "/api/device-usages", schema: manualUsageSchema },
  { path: "/api/customers", schema: customerRequestSchema },
  { path: "/api/faults", schema: newFaultSchema },
];

describe.for(BODIES)("a body of POST $path", ({ path, schema }) => {
  const { requestBody } = operations.find(({ key }) => key === `POST ${path}`) ?? {};
  const { schema: told = {}, examples = {} } = requestBody?.content["application/json"] ?? {};
  const [example] = Object.values(examples);

  test("is taken and refused by the document as by the ERP, but for what no schema can say", () => {
    const bodies = spoiltCopies(example?.value as Record<string, unknown>);
    const verdicts = bodies.map(({ field, body }) => ({
      field,
      told: problemsOf(told, body) === undefined,
      taken: schema.safeParse(body).success,
    }));
    const differing = verdicts.filter(({ told, taken }) => told !== taken);
    const where = differing.map(({ field, taken }) => `${field} ${taken ? "taken" : "refused"}`);
    expect([...new Set(where)]).toEqual(BEYOND_SCHEMAS[path] ?? []);
    expect(new Set(verdicts.map(({ taken }) => taken))).toEqual(new Set([true, false]));
  });
});

const BEYOND_SCHEMAS: Record<string, string[]> = {
  "/api/clients": ["timezone refused"],
  // An empty text counts as none.
  "/api/customers": ["gender taken", "age taken", "birthdate taken"],
  "/api/faults": ["ms refused"],
};

const TEXTS = [
  "",
  "word",
  "a b",
  "x".repeat(64),
  "x".repeat(65),
  "x".repeat(256),
  "viewer",
  "hotel",
  "a@hotel.example",
];
const TIMES = ["08:00:00", "24:00:00", "2026-03-01", "2026-02-30", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00+01:00"];
const NUMBERS = [-1, 0, 1, 1.5, 151, 1_000_000_000_001];
const SPOILS: readonly unknown[] = [...TEXTS, ...TIMES, ...NUMBERS, true, null, [], {}, undefined];

/** The body without and with more, and with each of its fields spoilt in every way. */
function spoiltCopies(body: Record<string, unknown>): { field: string; body: unknown }[] {
  const spoilt = Object.keys(body).flatMap((field) =>
    SPOILS.map((value) => ({ field, body: JSON.parse(JSON.stringify({ ...body, [field]: value })) as unknown })),
  );
  const whole = [body, { ...body, more: 1 }, {}, [], null, "text", 1].map((one) => ({ field: "the body", body: one }));
  return [...spoilt, ...whole];
}

/** As Katlai has published them. */
const DOCUMENTED = {
  call: "GET katlai.aizent.com/device/switch?serial=dev-0001&status=checkin&scent=wood&start_time=08:00:00&end_time=12:00:00",
  switched: `{ "message": "Device check-in successful", "serial": "dev-0001", "status": "checkin", "timestamp": "2024-11-01T08:00:00Z" }`,
  customer: DOCUMENTED_CUSTOMER,
  setUp: DOCUMENTED_SETUP,
  refused: `{
    "error": "Validation failed",
    "details": {
        "email": [
            "The email field is required."
        ]
    }
}`,
};
