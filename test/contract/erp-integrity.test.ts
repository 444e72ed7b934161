import { describe, expect, test } from "vitest";
import { RESOURCE_NAMES, type ResourceName } from "../../erp-stub/resources.ts";
import { add, ask, BODIES, errorsOf, openFurnished, openUsed, patch, post, remove } from "../support/erp-api.ts";
import { listUsages } from "../support/erp-calls.ts";
import { CASES } from "../support/erp-resource-cases.ts";
import { countRows } from "../support/erp-system.ts";

const ELSEWHERE = "This device is set up elsewhere in that time: end that device setup first.";

describe("what is referred to cannot be removed", () => {
  test.for<[name: ResourceName, sentence: string]>([
    ["corporations", "This corporation cannot be removed: clients refer to it."],
    ["clients", "This client cannot be removed: users, rooms, payments, device usages refer to it."],
    ["rooms", "This room cannot be removed: device setups, device usages refer to it."],
    ["device-types", "This device type cannot be removed: devices refer to it."],
    ["devices", "This device cannot be removed: device setups, device usages refer to it."],
    ["device-setups", "This device setup cannot be removed: device usages were made in it."],
    ["scents", "This scent cannot be removed: device usages refer to it."],
    ["schedules", "This schedule cannot be removed: device usages refer to it."],
  ])("of %s", async ([name, detail]) => {
    await using erp = await openUsed();
    const before = await ask(erp, `/api/${name}/1`);
    const refused = await remove(erp, `/api/${name}/1`);
    expect([refused.status, refused.headers.get("content-type")]).toEqual([409, "application/problem+json"]);
    expect(refused.body).toMatchObject({ title: "Conflict", detail });
    expect((await ask(erp, `/api/${name}/1`)).body).toEqual(before.body);
    // The same, once nothing refers to it.
    const { id } = await add(erp, name, CASES[name].other);
    expect((await remove(erp, `/api/${name}/${String(id)}`)).status).toBe(204);
  });

  test("all of it can, from the last to the first", async () => {
    await using erp = await openFurnished();
    for (const name of RESOURCE_NAMES.toReversed()) {
      expect([name, (await remove(erp, `/api/${name}/1`)).status]).toEqual([name, 204]);
    }
  });
});

describe("a device stands in one room at a time", () => {
  const setup = (installed_at: string, ended_at: string | null = null) => ({
    device_id: 1,
    room_id: 1,
    installed_at,
    ended_at,
  });

  test.for<[what: string, setup: object]>([
    ["the same again", BODIES["device-setups"]],
    ["another open one, later", setup("2026-02-01T00:00:00Z")],
    ["another open one, earlier", setup("2025-02-01T00:00:00Z")],
    ["one that ends within it", setup("2025-12-31T00:00:00Z", "2026-01-01T00:00:00.001Z")],
    ["one that lies within it", setup("2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z")],
  ])("not with %s", async ([, body]) => {
    await using erp = await openFurnished();
    expect(errorsOf(await post(erp, "/api/device-setups", body))).toEqual({ device_id: [ELSEWHERE] });
    expect(countRows(erp.file, "device_setups")).toBe(1);
  });

  test("is moved when it was taken out, at the same instant if wanted", async () => {
    await using erp = await openFurnished();
    const moved = { ...setup("2026-01-02T00:00:00Z"), room_id: (await add(erp, "rooms", CASES.rooms.other)).id };
    errorsOf(await post(erp, "/api/device-setups", moved));
    expect((await patch(erp, "/api/device-setups/1", { ended_at: "2026-01-02T00:00:00Z" })).status).toBe(200);
    await add(erp, "device-setups", moved);
    await add(erp, "device-setups", setup("2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z"));
    expect(errorsOf(await patch(erp, "/api/device-setups/1", { ended_at: null }))).toEqual({ device_id: [ELSEWHERE] });
    const early = await patch(erp, "/api/device-setups/1", { ended_at: "2025-12-31T23:59:59Z" });
    expect(errorsOf(early)).toEqual({ ended_at: ["The ended at field must not be before installed at."] });
    expect((await ask(erp, "/api/devices/1")).body).toMatchObject({ room: "Harbour View · 102" });
  });

  test("and where it was used stays where it was; it can only be taken out", async () => {
    await using erp = await openUsed();
    await add(erp, "rooms", CASES.rooms.other);
    await add(erp, "devices", CASES.devices.other);
    await add(erp, "clients", CASES.clients.other);
    const used = "Device usages were made in this device setup: end it, and add another one.";
    const moved = { room_id: 2, device_id: 2 };
    expect(errorsOf(await patch(erp, "/api/device-setups/1", moved))).toEqual({ room_id: [used], device_id: [used] });
    const inUse = { client_id: ["Devices were set up in this room: add another room."] };
    expect(errorsOf(await patch(erp, "/api/rooms/1", { client_id: 2 }))).toEqual(inUse);
    expect((await patch(erp, "/api/rooms/1", { name: "101a", client_id: 1 })).status).toBe(200);
    expect((await patch(erp, "/api/rooms/2", { client_id: 2 })).status).toBe(200);
    expect((await patch(erp, "/api/device-setups/1", { ended_at: new Date().toISOString() })).status).toBe(200);
    const unused = await add(erp, "device-setups", setup("2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z"));
    expect((await patch(erp, `/api/device-setups/${String(unused.id)}`, moved)).status).toBe(200);
    expect((await remove(erp, `/api/device-setups/${String(unused.id)}`)).status).toBe(204);
  });
});

describe("a device setup in which usages were made", () => {
  test("does not end before them, nor begin after them", async () => {
    await using erp = await openUsed();
    const [usage] = await listUsages(erp);
    const checkin = Date.parse(usage?.checkinAt ?? "");
    const at = (afterMs: number) => new Date(checkin + afterMs).toISOString();
    const place = "/api/device-setups/1";
    const ended = ["Device usages were made in this device setup at that time or after it."];
    const begun = ["Device usages were made in this device setup before that time."];
    expect(errorsOf(await patch(erp, place, { ended_at: at(0) }))).toEqual({ ended_at: ended });
    expect(errorsOf(await patch(erp, place, { installed_at: at(1) }))).toEqual({ installed_at: begun });
    expect((await patch(erp, place, { installed_at: at(0), ended_at: at(1) })).status).toBe(200);
  });
});

describe("the last admin who sees all clients", () => {
  test("stays one", async () => {
    await using erp = await openFurnished();
    // Without any, the others can be changed all the same.
    expect((await patch(erp, "/api/users/1", { name: "Zoë" })).status).toBe(200);
    const admin = { role: "admin", client_id: null };
    const ada = await add(erp, "users", { name: "Ada", email: "ada@hotel.example", ...admin });
    const place = `/api/users/${String(ada.id)}`;
    for (const answer of [
      await remove(erp, place),
      await patch(erp, place, { role: "manager" }),
      await patch(erp, place, { client_id: 1 }),
    ]) {
      expect([answer.status, answer.body]).toMatchObject([
        409,
        { detail: "This is the last admin who sees all clients: make another one first." },
      ]);
    }
    expect((await patch(erp, place, { name: "Ada Wong" })).status).toBe(200);
    expect((await patch(erp, "/api/users/1", admin)).status).toBe(200);
    expect((await remove(erp, place)).status).toBe(204);
  });
});
