import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { add, ask, BODIES, errorsOf, listed, openFurnished } from "../support/erp-api.ts";
import { CASES } from "../support/erp-resource-cases.ts";

type Erp = Awaited<ReturnType<typeof openFurnished>>;

describe("a list", () => {
  let erp: Erp;
  const namesFor = async (path: string) => listed(await ask(erp, path)).data.map(({ name }) => name);

  beforeAll(async () => {
    erp = await openFurnished();
    for (const name of ["a%b", "b_c", "Étoile", "alpha", "Beta", "beach"]) await add(erp, "corporations", { name });
    await add(erp, "clients", { ...CASES.clients.other, corporation_id: 4 });
    for (const name of ["101", "Pool"]) await add(erp, "rooms", { client_id: 2, name });
    for (const serial of ["pod-3", "POD-2"]) await add(erp, "devices", { device_type_id: 1, serial });
    await add(erp, "device-setups", { ...BODIES["device-setups"], device_id: 2, room_id: 3 });
    await add(erp, "device-setups", CASES["device-setups"].other);
    for (const [paid_on, client_id] of [
      ["2026-03-01", 2],
      ["2025-03-01", 1],
      ["2026-01-31", 1],
    ] as const)
      await add(erp, "payments", { client_id, paid_on, amount_cents: 5 });
    for (const [role, client_id] of [
      ["admin", null],
      ["viewer", 2],
    ] as const)
      await add(erp, "users", { name: `A ${role}`, email: `${role}@hotel.example`, role, client_id });
  });
  afterAll(() => erp.close());

  test("is in the order of what its rows are called, ignoring case", async () => {
    expect(await namesFor("/api/corporations")).toEqual([
      "a%b",
      "alpha",
      "b_c",
      "beach",
      "Beta",
      "Sea Hotels",
      "Étoile",
    ]);
    expect(await namesFor("/api/clients")).toEqual(["Harbour View", "Peak Spa"]);
    expect(await namesFor("/api/rooms")).toEqual(["101", "101", "Pool"]);
    expect(listed(await ask(erp, "/api/devices")).data.map(({ serial }) => serial)).toEqual([
      "POD-1",
      "POD-2",
      "pod-3",
    ]);
  });

  test("of setups and payments begins with the newest", async () => {
    const setups = listed(await ask(erp, "/api/device-setups")).data;
    expect(setups.map(({ id }) => id)).toEqual([2, 1, 3]);
    expect(listed(await ask(erp, "/api/payments")).data.map(({ id }) => id)).toEqual([2, 4, 1, 3]);
  });

  test("has pages of the same order", async () => {
    const all = await namesFor("/api/corporations");
    const pages = await Promise.all(
      [1, 2, 3, 4].map((page) => ask(erp, `/api/corporations?limit=3&page=${String(page)}`)),
    );
    expect(pages.flatMap((page) => listed(page).data.map(({ name }) => name))).toEqual(all);
    expect(pages.map(listed)).toMatchObject([1, 2, 3, 4].map((page) => ({ total: 7, page, pages: 3 })));
    expect(await namesFor("/api/corporations?limit=500")).toEqual(all);
  });

  test.for<[path: string, q: string, ids: number[]]>([
    ["corporations", "BEA", [7]],
    ["corporations", "%", [2]],
    ["corporations", "_", [3]],
    ["corporations", "éTOILE", [4]],
    ["corporations", "étoilé", []],
    ["corporations", "  alpha  ", [5]],
    ["corporations", "'", []],
    ["clients", "étoile", [2]],
    ["clients", "SPA", [2]],
    ["clients", "hong", [1]],
    ["rooms", "harbour view", [1]],
    ["rooms", "101", [1, 2]],
    ["devices", "pro 4", [1, 3, 2]],
    ["devices", "peak spa · pool", [2]],
    ["device-setups", "POOL", [2]],
    ["device-setups", "pod-1", [1, 3]],
    ["users", "ZOE@", [1]],
    ["payments", "peak", [2]],
    ["payments", "2026-01", [4, 1]],
    ["schedules", "12:00", [1]],
  ])("of %s finds by %j, also by the names of what its rows refer to", async ([name, q, ids]) => {
    const found = listed(await ask(erp, `/api/${name}?q=${encodeURIComponent(q)}`));
    expect([found.data.map(({ id }) => id), found.total]).toEqual([ids, ids.length]);
  });

  test.for<[path: string, ids: number[]]>([
    ["clients?client_type=spa", [2]],
    ["clients?corporation_id=1", [1]],
    ["clients?corporation_id=1&charge_unit=daily", []],
    ["rooms?client_id=2", [2, 3]],
    ["rooms?client_id=2&q=pool", [3]],
    ["rooms?client_id=", [1, 2, 3]],
    ["rooms?client_id=99", []],
    ["devices?device_type_id=1", [1, 3, 2]],
    ["device-setups?device_id=1", [1, 3]],
    ["device-setups?room_id=3&device_id=2", [2]],
    ["payments?client_id=1", [4, 1, 3]],
    ["users?role=viewer", [3]],
    ["users?client_id=1", [1]],
    ["api-keys?role=viewer", [1]],
  ])("%s has the rows %j", async ([path, ids]) => {
    expect(listed(await ask(erp, `/api/${path}`)).data.map(({ id }) => id)).toEqual(ids);
  });

  test.for<[path: string, errors: Record<string, string>]>([
    ["clients?client_type=motel", { client_type: "The selected client_type is invalid." }],
    ["rooms?client_id=x", { client_id: "The selected client_id is invalid." }],
    ["rooms?client_id=0", { client_id: "The selected client_id is invalid." }],
    ["rooms?name=101", { name: "There is no parameter name." }],
    ["rooms?client_id=1&client_id=2", { client_id: "The client_id must not be given more than once." }],
  ])("%s is refused", async ([path, errors]) => {
    const told = Object.fromEntries(Object.entries(errors).map(([field, message]) => [field, [message]]));
    expect(errorsOf(await ask(erp, `/api/${path}`))).toEqual(told);
  });
});
