import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { RESOURCE_NAMES, type ResourceName } from "../../erp-stub/resources.ts";
import {
  type Answer,
  add,
  ask,
  auditOf,
  BODIES,
  errorsOf,
  openFurnished,
  openUsed,
  patch,
  post,
  type Row,
  remove,
  rowsIn,
} from "../support/erp-api.ts";
import { CASES } from "../support/erp-resource-cases.ts";
import { countRows } from "../support/erp-system.ts";

const KIT = "the kit's key";
const statuses = (answers: readonly Answer[]) =>
  answers.map(({ status }) => status).toSorted((one, other) => one - other);

describe("the audit log", () => {
  test.for(RESOURCE_NAMES)(
    "tells who added, changed and removed one of the %s, with what was there before and after",
    async (name) => {
      await using erp = await openFurnished();
      const begun = auditOf(erp).length;
      const { other, change } = CASES[name];
      const { id } = await add(erp, name, other);
      await patch(erp, `/api/${name}/${String(id)}`, other);
      const before = (await ask(erp, `/api/${name}/${String(id)}`)).body as Row;
      const place = `/api/${name}/${String(id)}`;
      // What is sent as it is already is no change.
      const changed = name === "device-setups" ? { ended_at: "2025-03-01T00:00:00.000Z" } : change;
      const after = (await patch(erp, place, { ...other, ...changed })).body as Row;
      await remove(erp, place);
      const pairs = Object.keys(changed).filter((field) => before[field] !== after[field]);
      const by = { actor: KIT, resource: name, id };
      expect(auditOf(erp).slice(begun)).toEqual([
        { ...by, action: "added", changes: other },
        {
          ...by,
          action: "changed",
          changes: Object.fromEntries(pairs.map((field) => [field, [before[field], after[field]]])),
        },
        { ...by, action: "removed", changes: after },
      ]);
    },
  );

  test("names a key by its name, and tells neither keys nor what they are known by", async () => {
    await using erp = await openFurnished();
    const { key, id } = await add(erp, "api-keys", { name: "Till", role: "admin" });
    const as = { headers: { authorization: `Bearer ${String(key)}` } };
    const added = await ask(erp, "/api/corporations", { method: "POST", body: CASES.corporations.other, ...as });
    expect(added.status).toBe(201);
    expect(auditOf(erp).at(-1)).toMatchObject({ actor: expect.stringContaining("Till"), action: "added" });
    await remove(erp, `/api/api-keys/${String(id)}`);
    const log = JSON.stringify(rowsIn(erp, "audit"));
    expect(log).not.toContain(String(key));
    expect(log).not.toContain("hash");
    expect((await ask(erp, "/api/corporations", as)).status).toBe(401);
  });

  test("has nothing of what was refused", async () => {
    await using erp = await openUsed();
    const begun = auditOf(erp).length;
    errorsOf(await post(erp, "/api/rooms", BODIES.rooms));
    errorsOf(await post(erp, "/api/rooms", { client_id: 9, name: "1" }));
    errorsOf(await patch(erp, "/api/device-setups/1", { ended_at: "2025-01-01T00:00:00Z" }));
    const headers = { "if-match": '"other"' };
    const refused = [
      await remove(erp, "/api/rooms/1"),
      await remove(erp, "/api/rooms/9"),
      await remove(erp, "/api/rooms/1", headers),
      await ask(erp, "/api/rooms/1", { method: "PATCH", body: { name: "x" }, headers }),
      await remove(erp, "/api/device-usages/1"),
      await patch(erp, "/api/settings", { mode: "legacy" }),
      await patch(erp, "/api/settings", { allow: ["x"] }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([409, 404, 412, 412, 409, 409, 422]);
    expect(auditOf(erp).length).toBe(begun);
  });

  test("is written with the change, or neither is", async () => {
    await using erp = await openFurnished();
    const run = (sql: string) => {
      const db = new Database(erp.file);
      db.exec(sql);
      db.close();
    };
    const all = () => ["rooms", "device_usages", "settings", "audit"].map((table) => rowsIn(erp, table));
    const room = await add(erp, "rooms", CASES.rooms.other);
    const place = `/api/rooms/${String(room.id)}`;
    const usage = {
      device_id: 1,
      scent_id: 1,
      checkin_at: "2026-01-02T00:00:00Z",
      checkout_at: "2026-01-02T01:00:00Z",
    };
    const writes = () => [
      post(erp, "/api/rooms", { client_id: 1, name: "103" }),
      patch(erp, place, { name: "102a" }),
      post(erp, "/api/device-usages", usage),
      patch(erp, "/api/settings", { retention_days: 30 }),
    ];
    const before = all();
    run("CREATE TRIGGER broken BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'broken'); END");
    expect(statuses(await Promise.all([...writes(), remove(erp, place)]))).toEqual([500, 500, 500, 500, 500]);
    expect(all()).toEqual(before);
    expect((await ask(erp, "/api/settings")).body).toMatchObject({ retention_days: null });

    run("DROP TRIGGER broken");
    expect(statuses(await Promise.all(writes()))).toEqual([200, 200, 201, 201]);
    expect((await remove(erp, place)).status).toBe(204);
    expect(auditOf(erp).length).toBe((before[3]?.length ?? 0) + 5);
  });
});

describe("at once", () => {
  test("of two changes of one version one is made, and the other learns of it", async () => {
    await using erp = await openFurnished();
    const names: ResourceName[] = ["corporations", "rooms", "scents"];
    for (const name of names) {
      const etag = (await ask(erp, `/api/${name}/1`)).headers.get("etag") ?? "";
      const change = (text: string) =>
        ask(erp, `/api/${name}/1`, { method: "PATCH", body: { name: text }, headers: { "if-match": etag } });
      const answers = await Promise.all(["One", "Other", "Third"].map(change));
      expect(statuses(answers)).toEqual([200, 412, 412]);
      const made = answers.find(({ status }) => status === 200);
      expect((await ask(erp, `/api/${name}/1`)).body).toEqual(made?.body);
    }
    // Without a version, each change is made.
    const blind = await Promise.all(["One", "Other"].map((name) => patch(erp, "/api/rooms/1", { name })));
    expect(statuses(blind)).toEqual([200, 200]);
  });

  test("of twenty rows of one name one is added, of twenty removals one is made", async () => {
    await using erp = await openFurnished();
    const twenty = <T>(act: () => Promise<T>) => Promise.all(Array.from({ length: 20 }, act));
    const added = await twenty(() => post(erp, "/api/devices", CASES.devices.other));
    expect(statuses(added)).toEqual([201, ...Array.from({ length: 19 }, () => 422)]);
    const setUp = { ...BODIES["device-setups"], device_id: 2 };
    expect(statuses(await twenty(() => post(erp, "/api/device-setups", setUp)))[0]).toBe(201);
    expect(countRows(erp.file, "device_setups")).toBe(2);
    const removed = await twenty(() => remove(erp, "/api/payments/1"));
    expect(statuses(removed)).toEqual([204, ...Array.from({ length: 19 }, () => 404)]);
  });

  test("nothing is left that refers to what was removed", async () => {
    await using erp = await openFurnished();
    for (let at = 0; at < 10; at += 1) {
      const { id } = await add(erp, "corporations", { name: `Chain ${String(at)}` });
      const client = { ...CASES.clients.other, name: `Client ${String(at)}`, corporation_id: id };
      const [removed, added] = await Promise.all([
        remove(erp, `/api/corporations/${String(id)}`),
        post(erp, "/api/clients", client),
      ]);
      expect([
        [204, 422],
        [409, 201],
      ]).toContainEqual([removed.status, added.status]);
    }
    const db = new Database(erp.file, { readonly: true });
    expect(db.pragma("foreign_key_check")).toEqual([]);
    db.close();
  });
});
