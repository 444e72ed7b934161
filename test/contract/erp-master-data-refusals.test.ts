import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PARTS } from "../../erp-stub/master-data.ts";
import { openErp } from "../support/erp-system.ts";
import { ask, client, dumpOf, hotel, postCsv, postJson, refused, taken } from "../support/master-data-calls.ts";

describe("what is wrong is named, and nothing is kept", () => {
  test.for<[what: string, document: object, errors: Record<string, string[]>]>([
    [
      "a client that is not there",
      { rooms: [{ client: "Nowhere", name: "1" }] },
      { "rooms.1.client": ['Row 1 of rooms, client: There is no client "Nowhere".'] },
    ],
    [
      "a room of another client",
      {
        clients: [client({ name: "Spa" })],
        device_setups: [{ serial: "S-1", client: "Spa", room: "1", installed_at: "2026-05-01T00:00:00Z" }],
      },
      { "device_setups.1.room": ['Row 1 of device_setups, room: There is no room "1".'] },
    ],
    [
      "a device that stands elsewhere",
      { device_setups: [{ serial: "S-1", client: "Harbour View", room: "1", installed_at: "2026-05-01T00:00:00Z" }] },
      {
        "device_setups.1.serial": [
          "Row 1 of device_setups, serial: This device is set up elsewhere in that time: end that device setup first.",
        ],
      },
    ],
    [
      "a time to come",
      { device_setups: [{ serial: "S-1", client: "Harbour View", room: "1", installed_at: "2199-05-01T00:00:00Z" }] },
      {
        "device_setups.1.installed_at": [
          "Row 1 of device_setups, installed_at: The installed at field must not be in the future.",
        ],
      },
    ],
    [
      "the same row twice",
      {
        scents: [
          { code: "Rose", name: "Rose" },
          { code: "rose", name: "Rose" },
        ],
      },
      { "scents.2.code": ["Row 2 of scents, code: This was listed before."] },
    ],
    [
      "what follows from it, no more",
      {
        corporations: [{ name: "New" }],
        clients: [client({ corporation: "Newer", name: "X" })],
        rooms: [{ client: "X", name: "1" }],
      },
      { "clients.1.corporation": ['Row 1 of clients, corporation: There is no corporation "Newer".'] },
    ],
    [
      "an unknown part",
      { scents: [{ code: "a", name: "A" }], __proto_: [] },
      { body: ['There is no part "__proto_".'] },
    ],
  ])("%s", async ([, document, errors]) => {
    await using erp = await openErp({ seed: "empty" });
    await taken(await postJson(erp, hotel(1)));
    const before = dumpOf(erp);
    expect(await refused(await postJson(erp, document))).toEqual(errors);
    expect(dumpOf(erp)).toBe(before);
  });

  test("one bad row undoes all the good ones before it", async () => {
    await using erp = await openErp({ seed: "empty" });
    const { device_setups: setups, ...rest } = hotel(50);
    const before = dumpOf(erp);
    const wrong = setups.map((row, at) => (at === 49 ? { ...row, room: "99" } : row));
    await refused(await postJson(erp, { ...rest, device_setups: wrong }));
    expect(dumpOf(erp)).toBe(before);
  });

  test("in a table by the line", async () => {
    await using erp = await openErp();
    const text =
      'serial,client,room,installed_at,ended_at\n\ndev-0001,Harbour View Hotel,Room 9,2026-01-01T00:00:00Z,\n\nx,y,z,soon,"\n"\n';
    expect(await refused(await postCsv(erp, "device-setups", text))).toEqual({
      "device_setups.5.installed_at": [
        "Line 5 of device_setups, installed_at: The installed at field must be a time such as 2026-11-01T08:00:00Z.",
      ],
    });
    expect(await refused(await postCsv(erp, "device-setups", text.split("\n").slice(0, 4).join("\n")))).toEqual({
      "device_setups.3.room": ['Line 3 of device_setups, room: There is no room "Room 9".'],
    });
    expect(await refused(await postCsv(erp, "rooms", "client,floor\nH,1\n"))).toEqual({
      "rooms.1": ['Line 1 of rooms: There is no column "floor".', "Line 1 of rooms: The column name is missing."],
    });
    expect(await refused(await postCsv(erp, "rooms", 'client,name\nH,"1\n'))).toEqual({
      "rooms.2": [expect.stringContaining("quotes") as string],
    });
  });

  test("fifty problems at most", async () => {
    await using erp = await openErp();
    const documents = [
      { scents: Array(200).fill({ code: "" }) },
      { rooms: Array(200).fill({ client: "X", name: "1" }) },
    ];
    for (const document of documents) {
      const errors = await refused(await postJson(erp, document));
      expect(Object.values(errors).flat()).toHaveLength(50);
    }
  });

  test("what is no document, no table, too large or too much", async () => {
    await using erp = await openErp({ seed: "empty" });
    expect(await refused(await postJson(erp, []))).toEqual({ body: ["Send a JSON object."] });
    expect((await ask(erp, "/api/master-data", { method: "POST", body: "{" })).status).toBe(400);
    expect((await ask(erp, "/api/master-data/rooms", { method: "POST", body: "{}" })).status).toBe(415);
    expect((await postCsv(erp, "rooms", "x".repeat(5_000_001))).status).toBe(413);
    expect((await postJson(erp, { corporations: [{ name: "x".repeat(5_000_000) }] })).status).toBe(413);
    const many = `code,name\n${"a,b\n".repeat(50_001)}`;
    expect(await refused(await postCsv(erp, "scents", many))).toEqual({
      body: ["An import may have 50,000 rows at most."],
    });
    expect((await postCsv(erp, "payments", "x")).status).toBe(404);
  });

  test("whatever is sent, it is an answer", { timeout: 60_000 }, async () => {
    await using erp = await openErp();
    const key = fc.oneof(fc.constantFrom(...PARTS.map(({ part }) => part), "__proto__", "constructor"), fc.string());
    const column = fc.oneof(
      fc.constantFrom(...PARTS.flatMap(({ columns }) => columns), "__proto__", "toString"),
      fc.string(),
    );
    const row = fc.oneof(fc.dictionary(column, fc.oneof(fc.string(), fc.integer(), fc.constant(null))), fc.jsonValue());
    const document = fc.oneof(fc.dictionary(key, fc.oneof(fc.array(row), fc.jsonValue())), fc.jsonValue());
    const cells = fc.array(fc.oneof(column, fc.constantFrom('"', "'", "=", "\r", "\ufeff")), { maxLength: 8 });
    const table = fc.array(cells, { maxLength: 8 }).map((rows) => rows.map((one) => one.join(";")).join("\n"));
    const resource = fc.constantFrom(...PARTS.map((part) => part.resource));
    await fc.assert(
      fc.asyncProperty(document, resource, table, async (json, name, csv) => {
        expect([200, 422]).toContain((await postJson(erp, json, "?dry_run=true")).status);
        expect([200, 422]).toContain((await postCsv(erp, `${name}?dry_run=true`, csv)).status);
      }),
      { numRuns: 300, interruptAfterTimeLimit: 40_000 },
    );
  });
});
