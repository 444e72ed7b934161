import { statSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { DeviceView } from "../../device-db/contract.ts";
import type { Fix } from "../../scripts/doctor/check.ts";
import { devicesFinding } from "../../scripts/doctor/devices.ts";
import type { PartLook } from "../../scripts/doctor/running-part.ts";
import { takeBack } from "../../scripts/doctor/shell.ts";

describe("a device that is away", () => {
  const AWAY = { serial: "S-1", room: "101", enabled: true, simulated: true, status: "lost" } as DeviceView;
  const pods = (faults: object[]) => JSON.stringify({ data: [{ serial: "S-1", faults }] });
  const simulator = (faults: object[]) => ({ who: "this kit", failing: [], answer: pods(faults) }) satisfies PartLook;
  const AROUND = { simulator: simulator([]), isBrokerAway: false, isBrokerOurs: true };
  test.for<[string, Partial<typeof AROUND>, Partial<DeviceView>, Partial<Fix>]>([
    ["has lost its password", {}, {}, { command: "npm run aromapod -- devices rotate S-1" }],
    ["has a fault", { simulator: simulator([{}]) }, {}, { command: "npm run aromapod -- pod S-1 fault none" }],
    [
      "has no broker",
      { isBrokerAway: true },
      {},
      { advice: expect.stringMatching(/^Mend what is said of the broker/) as string },
    ],
    [
      "is unknown to a broker of others",
      { isBrokerOurs: false },
      {},
      { advice: expect.stringMatching(/^Tell the broker/) as string },
    ],
    ["is a real one", {}, { simulated: false }, { command: "npm run aromapod -- devices rotate S-1" }],
  ])("comes back if it %s", ([, around, device, fix]) => {
    const finding = devicesFinding([{ ...AWAY, ...device }], { ...AROUND, ...around });
    expect(finding).toMatchObject({ state: "failed", detail: "0 of 1 online: S-1 in 101 is lost", fix });
  });
});

test("what is somebody's own gets its rights back, what is somebody else's is given over", () => {
  const file = import.meta.filename;
  const isOurs = statSync(file).uid === process.getuid?.();
  expect(takeBack([file])).toMatch(isOurs ? /^chmod u\+rw '?\/.*doctor-mends\.test\.ts'?$/ : /^sudo chown \S+ /);
  const folder = takeBack([import.meta.dirname], { all: true });
  expect(folder).toMatch(isOurs ? /^chmod u\+rwx '?\/.*unit'?$/ : /^sudo chown -R \S+ /);
  if (process.getuid?.() !== 0) expect(takeBack(["/"], { all: true })).toMatch(/^sudo chown -R \S+ \/$/);
});
