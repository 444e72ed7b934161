import { beforeAll, describe, expect, test } from "vitest";
import type { PodView } from "../../device-sim/hand-contract.ts";
import { readUsages } from "../../scripts/usages.ts";
import { SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { type Home, openHome } from "../support/home.ts";

/** An hour of the pod's is a second of ours. */
const SPEED = "3600";

let home: Home;
let erp: { url: string; apiKey: string };

beforeAll(async () => {
  home = await openHome();
  const { ready } = await home.startKit("--speed", SPEED);
  erp = { url: ready.erp, apiKey: (await home.secrets()).erpApiKey };
  return () => home[Symbol.asyncDispose]();
});

const pod = (...words: string[]) => home.run(["pod", SERIAL, ...words]);
const view = async (...words: string[]): Promise<PodView> => {
  const { code, stdout, stderr } = await pod(...words, "--json");
  expect([words, code, stderr]).toEqual([words, 0, ""]);
  return JSON.parse(stdout) as PodView;
};

describe("aromapod pod", () => {
  test("shows how the pod is, to people and to programs", async () => {
    const { code, stdout } = await pod();
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/HKAP0100000001.* connected, diffuses nothing/) as string,
    ]);
    for (const scent of ["fire", "wood", "water", "air"]) expect(stdout).toContain(`  ${scent.padEnd(10)}█`);
    expect(await view("status")).toMatchObject({ serial: SERIAL, connected: true, faults: [], unacked: 0 });
  });

  test("presses its buttons, which become a usage of the ERP and its end", async () => {
    const before = (await readUsages(erp, "")).length;
    expect(await view("press", "next")).toMatchObject({ state: { diffusing: "fire", stay: "fire" } });
    await eventually(async () => expect(await readUsages(erp, "")).toHaveLength(before + 1));
    expect(await view("press", "stop")).toMatchObject({ state: { diffusing: null, stay: null } });
    await eventually(async () =>
      expect((await readUsages(erp, "limit=1"))[0]).toMatchObject({ scent: "fire", status: "checkout" }),
    );
  });

  test("sets a schedule, whose window comes within the day: half a minute at this speed", async () => {
    await view("checkin", "wood");
    const { state } = await view("schedule", "08:00", "12:00", "--time-zone", "Asia/Hong_Kong");
    expect(state.schedule).toMatchObject({ startTime: "08:00:00", endTime: "12:00:00", timeZone: "Asia/Hong_Kong" });
    expect(state.virtualAt).not.toBe(state.at);
    await eventually(async () => {
      const [usage] = await readUsages(erp, "limit=1");
      expect([usage?.timeinAt, usage?.timeoutAt]).toEqual([expect.any(String), expect.any(String)]);
    }, 29_000);
    await view("checkout");
  }, 60_000);

  test("drains, takes out and refills capsules, and the pod says why it refuses", async () => {
    expect((await view("drain", "wood")).state.capsules).toMatchObject({ wood: 0 });
    expect(await pod("checkin", "wood")).toMatchObject({
      code: 1,
      stderr: "The pod refuses: the wood capsule is empty.\n",
    });
    expect((await view("remove", "wood")).state.capsules).not.toHaveProperty("wood");
    expect(await pod("checkin", "wood")).toMatchObject({
      code: 1,
      stderr: "The pod refuses: there is no wood capsule.\n",
    });
    expect((await view("refill", "wood")).state.capsules).toMatchObject({ wood: 10 });
    expect(await view("intensity", "3")).toMatchObject({ state: { intensity: 3 } });
  });

  test("puts behaviours on and takes them off", async () => {
    expect(await view("fault", "late=2s", "duplicate", "--seed", "7")).toMatchObject({
      faults: ["late=2s", "duplicate"],
      seed: 7,
    });
    expect((await pod()).stdout).toContain("late=2s duplicate (seed 7)");
    expect((await view("fault", "none")).faults).toEqual([]);
  });

  test.for<[args: string[], code: number, sentence: RegExp]>([
    [["explode"], 2, /"explode" is nothing that can be done: status, press/],
    [["schedule", "08:00"], 2, /it is: pod <serial> schedule <from> <to>/],
    [["drain"], 2, /it is: pod <serial> drain <scent>/],
    [["status", "now"], 2, /it is: pod <serial> status/],
    [["fault", "lat=3"], 1, /^There is no behaviour "lat"; known are silent, late/],
    [["fault", "late=soon"], 1, /^"late=soon" does not fit: late takes/],
    [["schedule", "8", "12:00"], 1, /^startTime: must be a time such as 08:00\.$/m],
    [["drain", "rose"], 1, /^scent: must be one of fire, wood, water, air\.$/m],
    [["press", "twice"], 1, /^button: must be next or stop\.$/m],
    [["fault", "late", "--seed", "x"], 2, /It must be a whole number from 0/],
  ])("refuses %j", async ([args, code, sentence]) => {
    expect(await pod(...args)).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(sentence) as string });
  });

  test("knows only pods that are simulated, of a kit that runs", async () => {
    expect(await home.run(["pod", "HKAP0100000099"])).toMatchObject({
      code: 1,
      stderr: 'No pod "HKAP0100000099" is simulated here.\n',
    });
    const nowhere = await home.run(["pod", SERIAL], { DEVICE_SIM_PORT: "9" });
    expect(nowhere).toMatchObject({ code: 3, stderr: expect.stringContaining("start the kit first") as string });
  });

  test("--speed is the simulator's only", async () => {
    expect(await home.run(["serve", "bot", "--speed", "60"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("option '--speed <times>' is for device-sim") as string,
    });
    expect(await home.run(["start", "--speed", "fast"])).toMatchObject({ code: 2 });
  });
});
