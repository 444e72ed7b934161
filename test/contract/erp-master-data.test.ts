import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { PARTS } from "../../erp-stub/master-data.ts";
import { openErp } from "../support/erp-system.ts";
import {
  ask,
  client,
  csvOf,
  dumpOf,
  exported,
  hotel,
  postCsv,
  postJson,
  refused,
  SEA,
  taken,
} from "../support/master-data-calls.ts";

describe("the export", () => {
  test("names everything by what people call it, in an order of its own", async () => {
    await using erp = await openErp();
    const { device_setups: setups, ...rest } = await exported(erp);
    const where = { corporation: "Katlai Demo Hotels", client: "Harbour View Hotel" };
    expect(rest).toEqual({
      corporations: [{ name: "Katlai Demo Hotels" }],
      clients: [client({ corporation: "Katlai Demo Hotels", name: "Harbour View Hotel" })],
      device_types: [{ code: "aromapodpro", name: "Aroma Pod Pro 4 capsules" }],
      rooms: [
        { ...where, name: "Room 101" },
        { ...where, name: "Room 102" },
      ],
      devices: [
        { device_type: "aromapodpro", serial: "HKAP0100000001" },
        { device_type: "aromapodpro", serial: "dev-0001" },
      ],
      scents: ["air", "fire", "water", "wood"].map((code) => ({
        code,
        name: code.charAt(0).toUpperCase() + code.slice(1),
      })),
      schedules: expect.arrayContaining([{ start_time: "08:00:00", end_time: "12:00:00" }]) as unknown,
    });
    expect(setups).toEqual([
      {
        serial: "HKAP0100000001",
        ...where,
        room: "Room 101",
        installed_at: expect.any(String) as string,
        ended_at: null,
      },
      { serial: "dev-0001", ...where, room: "Room 102", installed_at: expect.any(String) as string, ended_at: null },
    ]);
  });

  test("has a table for each resource, as a file", async () => {
    await using erp = await openErp();
    for (const { resource, columns } of PARTS) {
      const answer = await ask(erp, `/api/master-data/${resource}.csv`);
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/csv; charset=utf-8"]);
      expect(answer.headers.get("content-disposition")).toBe(`attachment; filename="${resource}.csv"`);
      expect((await answer.text()).split("\r\n", 1)).toEqual([columns.join(",")]);
    }
    expect(await csvOf(erp, "rooms")).toBe(
      "corporation,client,name\r\nKatlai Demo Hotels,Harbour View Hotel,Room 101\r\nKatlai Demo Hotels,Harbour View Hotel,Room 102\r\n",
    );
  });

  test("no cell of it is a formula, and all come back as they were", async () => {
    await using erp = await openErp({ seed: "empty" });
    const names = ["=1+1", "+1", "-1", "@x", "'=x", "'s-Hof"];
    await taken(await postJson(erp, { corporations: names.map((name) => ({ name })) }));
    const text = await csvOf(erp, "corporations");
    expect(text.split("\r\n").slice(1, -1).toSorted()).toEqual(
      ["''=x", "'+1", "'-1", "'=1+1", "'@x", "'s-Hof"].toSorted(),
    );
    expect(await taken(await postCsv(erp, "corporations", text))).toEqual({ added: 0, changed: 0, unchanged: 6 });
  });
});

describe("the import", () => {
  test("adds what is new, changes what differs, leaves the rest, and removes nothing", async () => {
    await using erp = await openErp({ seed: "empty" });
    expect(await taken(await postJson(erp, hotel(3)))).toEqual({ added: 12, changed: 0, unchanged: 0 });
    expect(await taken(await postJson(erp, hotel(3)))).toEqual({ added: 0, changed: 0, unchanged: 12 });
    const { clients, rooms } = hotel(4);
    const changed = { rooms: rooms.slice(3), clients: clients.map((row) => ({ ...row, charge_rate_cents: 3_000 })) };
    expect(await taken(await postJson(erp, changed))).toEqual({ added: 1, changed: 1, unchanged: 0 });
    const after = await exported(erp);
    expect(after.rooms.map(({ name }) => name)).toEqual(["1", "2", "3", "4"]);
    expect(after.clients).toEqual([client({ charge_rate_cents: 3_000 })]);
  });

  test("writes the audit log of who imported", async () => {
    await using erp = await openErp({ seed: "empty" });
    await taken(await postJson(erp, { corporations: [SEA] }));
    await taken(await postJson(erp, { scents: [{ code: "wood", name: "Wood" }] }));
    await taken(await postJson(erp, { scents: [{ code: "WOOD", name: "Oak" }] }));
    const db = new Database(erp.file, { readonly: true });
    const lines = db.prepare("SELECT actor, action, resource, changes FROM audit WHERE resource <> 'users'").all();
    db.close();
    expect(lines).toEqual([
      { actor: "the kit's key", action: "added", resource: "corporations", changes: '{"name":"Sea Hotels"}' },
      { actor: "the kit's key", action: "added", resource: "scents", changes: '{"code":"wood","name":"Wood"}' },
      {
        actor: "the kit's key",
        action: "changed",
        resource: "scents",
        changes: '{"code":["wood","WOOD"],"name":["Wood","Oak"]}',
      },
    ]);
  });

  test("finds a client without its corporation while no other is called so", async () => {
    await using erp = await openErp({ seed: "empty" });
    await taken(await postJson(erp, { corporations: [SEA, { name: "Lake Hotels" }], clients: [client()] }));
    const rooms = [{ client: "Harbour View", name: "101" }];
    expect(await taken(await postJson(erp, { rooms }))).toMatchObject({ added: 1 });
    await taken(await postJson(erp, { clients: [client({ corporation: "Lake Hotels" })] }));
    expect(await refused(await postJson(erp, { rooms }))).toEqual({
      "rooms.1.corporation": ["Row 1 of rooms, corporation: Several clients are called so: name the corporation."],
    });
    const named = rooms.map((room) => ({ corporation: "Lake Hotels", ...room }));
    expect(await taken(await postJson(erp, { rooms: named }))).toMatchObject({ added: 1 });
    expect((await exported(erp)).rooms).toHaveLength(2);
  });

  test("moves a device to another room, in whatever order the rows come", async () => {
    await using erp = await openErp({ seed: "empty" });
    await taken(await postJson(erp, hotel(2)));
    const [first] = hotel(2).device_setups;
    const moved = "2026-02-01T00:00:00.000Z";
    const setups = [
      { ...first, room: "2", installed_at: moved },
      { ...first, ended_at: moved },
    ];
    expect(await taken(await postJson(erp, { device_setups: setups }))).toEqual({ added: 1, changed: 1, unchanged: 0 });
    expect(await taken(await postJson(erp, { device_setups: setups }))).toEqual({ added: 0, changed: 0, unchanged: 2 });
  });

  test("corrects where a device was set up, and beside it one that ended when it began", async () => {
    await using erp = await openErp({ seed: "empty" });
    await taken(await postJson(erp, hotel(3)));
    const [first] = hotel(1).device_setups;
    const none = { ...first, ended_at: "2026-01-01T00:00:00.000Z" };
    expect(await taken(await postJson(erp, { device_setups: [{ ...first, room: "2" }] }))).toMatchObject({
      changed: 1,
    });
    expect(await taken(await postJson(erp, { device_setups: [none] }))).toMatchObject({ changed: 1 });
    expect(await taken(await postJson(erp, { device_setups: [first] }))).toMatchObject({ changed: 1 });
    const both = { device_setups: [{ ...first, room: "3" }, none] };
    expect(await taken(await postJson(erp, both))).toEqual({ added: 1, changed: 1, unchanged: 0 });
    expect(await taken(await postJson(erp, both))).toEqual({ added: 0, changed: 0, unchanged: 2 });
  });

  test("what an end does not say stays, and null takes it back", async () => {
    await using erp = await openErp({ seed: "empty" });
    await taken(await postJson(erp, hotel(1)));
    const [{ ended_at: _, ...open } = {}] = hotel(1).device_setups;
    const ended = { ...open, ended_at: "2026-03-01T00:00:00.000Z" };
    expect(await taken(await postJson(erp, { device_setups: [ended] }))).toMatchObject({ changed: 1 });
    expect(await taken(await postJson(erp, { device_setups: [open] }))).toMatchObject({ unchanged: 1 });
    expect(await taken(await postJson(erp, { device_setups: [{ ...open, ended_at: null }] }))).toMatchObject({
      changed: 1,
    });
  });

  test("understands what Excel makes of a table", async () => {
    await using erp = await openErp({ seed: "empty" });
    await taken(await postJson(erp, { corporations: [SEA], clients: [client()] }));
    const text = '\ufeffName;Client\r\n"Suite ""Étoile""";Harbour View\r\n;\r\n Kaminzimmer ;Harbour View\r\n';
    expect(await taken(await postCsv(erp, "rooms", text))).toEqual({ added: 2, changed: 0, unchanged: 0 });
    expect((await exported(erp)).rooms.map(({ name }) => name)).toEqual(["Kaminzimmer", 'Suite "Étoile"']);
  });

  test("a trial counts the same, and keeps nothing", async () => {
    await using erp = await openErp({ seed: "empty" });
    const before = dumpOf(erp);
    expect(await taken(await postJson(erp, hotel(2), "?dry_run=true"))).toEqual({ added: 9, changed: 0, unchanged: 0 });
    const name = "code,name\r\nwood,Wood\r\n";
    expect(await taken(await postCsv(erp, "scents?dry_run=true", name))).toMatchObject({ added: 1 });
    expect(dumpOf(erp)).toBe(before);
    expect(await taken(await postJson(erp, hotel(2), "?dry_run=false"))).toMatchObject({ added: 9 });
    expect(dumpOf(erp)).not.toBe(before);
  });

  test.for(["?dry_run=yes", "?dry_run", "?dry_run=true&dry_run=true", "?dryrun=true", "?x=1"])(
    "%s is refused, and nothing is kept",
    async (query) => {
      await using erp = await openErp({ seed: "empty" });
      const before = dumpOf(erp);
      await refused(await postJson(erp, hotel(1), query));
      await refused(await postCsv(erp, `scents${query}`, "code,name\nwood,Wood\n"));
      expect(dumpOf(erp)).toBe(before);
    },
  );
});

describe("is quick", () => {
  test.for<[rooms: number, ms: number]>([
    [200, 1_000],
    [2_000, 4_000],
  ])("%i rooms with their devices are there within %i ms, and once more", { timeout: 30_000 }, async ([rooms, ms]) => {
    await using erp = await openErp({ seed: "empty" });
    const document = hotel(rooms);
    for (const expected of [{ added: 3 * rooms + 3 }, { unchanged: 3 * rooms + 3 }]) {
      const begun = performance.now();
      expect(await taken(await postJson(erp, document))).toMatchObject(expected);
      expect(performance.now() - begun).toBeLessThan(ms);
    }
    const begun = performance.now();
    await csvOf(erp, "device-setups");
    expect(performance.now() - begun).toBeLessThan(ms);
  });
});
