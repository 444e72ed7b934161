import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { DEMO_DATA } from "../../erp-stub/demo.ts";
import type { ImportCounts, MasterData } from "../../erp-stub/master-data-contract.ts";
import { callSwitch } from "../support/erp-calls.ts";
import { type Home, openHome } from "../support/home.ts";

let home: Home;
let erpUrl: string;
beforeAll(async () => {
  home = await openHome();
  erpUrl = (await home.startKit()).ready.erp;
  return () => home[Symbol.asyncDispose]();
});

const erp = (...args: string[]) => home.run(["erp", ...args]);
const data = async <T>(...args: string[]): Promise<T> => {
  const { code, stdout, stderr } = await erp(...args, "--json");
  expect([args, code, stderr]).toEqual([args, 0, ""]);
  return JSON.parse(stdout) as T;
};
const serialsOf = ({ devices }: MasterData) => devices.map(({ serial }) => serial);

describe("aromapod erp seed", () => {
  test("gives the demo hotel so many rooms, each with a device that can be switched, and adds nothing twice", async () => {
    const before = await data<MasterData>("export");
    const first = await erp("seed", "--rooms", "45");
    expect(first).toEqual({
      code: 0,
      stderr: "",
      stdout: `Harbour View Hotel has 43 rooms and 45 devices more.
See them at ${erpUrl}/rooms, and let one of the devices check in:
  curl "${erpUrl}/device/switch?serial=HKAP0200000001&status=checkin&scent=wood"
`,
    });
    const after = await data<MasterData>("export");
    expect([after.corporations, after.clients, after.device_types, after.scents]).toEqual([
      before.corporations,
      before.clients,
      before.device_types,
      before.scents,
    ]);
    const rooms = after.rooms.map(({ name }) => name);
    expect([rooms.length, rooms[0], rooms[19], rooms[20], rooms[44]]).toEqual([
      45,
      "Room 101",
      "Room 120",
      "Room 201",
      "Room 305",
    ]);
    const added = serialsOf(after).filter((serial) => !serialsOf(before).includes(serial));
    expect([added.length, added[0], added[44]]).toEqual([45, "HKAP0200000001", "HKAP0200000045"]);
    const called = { url: erpUrl, apiKey: (await home.secrets()).erpApiKey };
    const { status } = await callSwitch(called, { serial: "HKAP0200000045", status: "checkin", scent: "wood" });
    expect(status).toBe(200);

    expect(await data<ImportCounts>("seed", "--rooms", "45")).toEqual({ added: 0, changed: 0, unchanged: 0 });
    expect((await erp("seed", "--rooms", "45")).stdout).toMatch(
      /^Harbour View Hotel has these .* nothing was added\.\n/,
    );
    expect(await data<ImportCounts>("seed", "--rooms", "46")).toEqual({ added: 3, changed: 0, unchanged: 0 });
  });

  test("leaves alone what people changed", async () => {
    const { clients } = await data<MasterData>("export");
    const changed = clients.map((client) => ({ ...client, charge_rate_cents: 9_900 }));
    await writeFile(join(home.path, "rate.json"), JSON.stringify({ clients: changed }));
    expect(await data<ImportCounts>("import", "rate.json")).toEqual({ added: 0, changed: 1, unchanged: 0 });
    await data<ImportCounts>("seed", "--rooms", "47");
    expect((await data<MasterData>("export")).clients).toEqual(changed);
  });

  test("makes the whole hotel where there is none", async () => {
    await using other = await openHome();
    await other.startKit("--erp-seed", "empty");
    const { code, stdout } = await other.run(["erp", "seed", "--json"]);
    expect([code, JSON.parse(stdout)]).toEqual([0, { added: 200 * 3 + 7, changed: 0, unchanged: 0 }]);
    const made = JSON.parse((await other.run(["erp", "export", "--json"])).stdout) as MasterData;
    const { type, timeZone, chargeRateCents, chargeUnit, name } = DEMO_DATA.client;
    expect(made).toMatchObject({
      corporations: [{ name: DEMO_DATA.corporation }],
      clients: [
        {
          name,
          client_type: type,
          timezone: timeZone,
          charge_rate_cents: chargeRateCents,
          charge_unit: chargeUnit,
        },
      ],
      device_types: [DEMO_DATA.deviceType],
    });
    expect(made.scents).toEqual(expect.arrayContaining([...DEMO_DATA.scents]));
  });
});

describe("aromapod erp export and import", () => {
  test("take all of it to a file and back", async () => {
    const { stdout, ...rest } = await erp("export", "--out", "hotel.json");
    expect(rest).toEqual({ code: 0, stderr: "" });
    const text = await readFile(join(home.path, "hotel.json"), "utf8");
    const document = JSON.parse(text) as MasterData;
    const rows = Object.values(document).flat().length;
    expect(stdout).toBe(`hotel.json holds the ${String(rows)} rows of the master data.\n`);
    expect((await erp("export")).stdout).toBe(text);
    expect((await erp("import", "hotel.json")).stdout).toBe(
      `hotel.json is imported: 0 added, 0 changed, ${String(rows)} unchanged.\n`,
    );
  });

  test("only check when that is wanted", async () => {
    await writeFile(join(home.path, "scent.json"), JSON.stringify({ scents: [{ code: "rose", name: "Rose" }] }));
    expect((await erp("import", "scent.json", "--dry-run")).stdout).toBe(
      "Nothing is wrong with scent.json, and nothing was kept: 1 to add, 0 to change, 0 unchanged.\n",
    );
    expect(await data<ImportCounts>("import", "scent.json", "--dry-run")).toMatchObject({ added: 1 });
    expect(await data<ImportCounts>("import", "scent.json")).toMatchObject({ added: 1 });
    expect(await data<ImportCounts>("import", "scent.json", "--dry-run")).toMatchObject({ added: 0 });
  });

  test("name what is wrong with the document", async () => {
    await writeFile(join(home.path, "bad.json"), JSON.stringify({ rooms: [{ client: "Nowhere", name: "1" }] }));
    expect(await erp("import", "bad.json")).toEqual({
      code: 1,
      stdout: "",
      stderr: 'Row 1 of rooms, client: There is no client "Nowhere".\n',
    });
  });

  test.for<[args: string[], sentence: RegExp]>([
    [["import", "none.json"], /^Cannot read "none\.json": ENOENT[^\n]+\.\n$/],
    [["import", ".env.none/x"], /^Cannot read /],
    [["export", "--out", "none/hotel.json"], /^Cannot write "none\/hotel\.json": ENOENT[^\n]+\.\n$/],
    [["seed", "--erp-url", "https://erp.example"], /^ERP_URL names an ERP that is not ours: [^\n]+\.\n$/],
  ])("%j is not ready", async ([args, sentence]) => {
    expect(await erp(...args)).toEqual({ code: 3, stdout: "", stderr: expect.stringMatching(sentence) as string });
  });
});

test("without a running ERP it says so", async () => {
  await using other = await openHome();
  const running = await other.startKit();
  await running.stop("SIGTERM");
  for (const args of [["seed"], ["export"]]) {
    const stderr = `Nothing answers at ${running.ready.erp}: start the kit first, with "npm start".\n`;
    expect(await other.run(["erp", ...args])).toEqual({ code: 3, stdout: "", stderr });
  }
});

test.for([["seed", "--rooms", "0"], ["seed", "--rooms", "5001"], ["seed", "--rooms", "1.5"], ["import"], ["none"]])(
  "%j makes no sense",
  async (args) => {
    expect(await erp(...args)).toMatchObject({ code: 2, stdout: "" });
  },
);
