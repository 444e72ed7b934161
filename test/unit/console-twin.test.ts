import { expect, test } from "vitest";
import { capsulesOf, twinRows } from "../../device-db/console-twin.ts";
import type { DeviceView } from "../../device-db/contract.ts";

const AT = "2026-03-01T12:00:00.000Z";
const asked = (diffusing: string | null, state: "pending" | "accepted" | "rejected" = "accepted") => ({
  diffusing,
  at: AT,
  command: { id: "c1", source: "operator", state, reason: null } as const,
});
const first = (twin: Pick<DeviceView, "desired" | "reported">) => twinRows(twin)[0];

test.for<[what: string, Pick<DeviceView, "desired" | "reported">, standing: string]>([
  ["nothing was asked", { desired: null, reported: { diffusing: "fire", at: AT } }, "same"],
  ["it does as asked", { desired: asked("fire"), reported: { diffusing: "fire", at: AT } }, "same"],
  ["it stopped as asked", { desired: asked(null), reported: { diffusing: null, at: AT } }, "same"],
  ["another scent", { desired: asked("fire"), reported: { diffusing: "wood", at: AT } }, "differs"],
  ["it goes on", { desired: asked(null), reported: { diffusing: "wood", at: AT } }, "differs"],
  ["not answered yet", { desired: asked("fire", "pending"), reported: { diffusing: null, at: AT } }, "on its way"],
  ["never heard of", { desired: asked("fire", "rejected"), reported: null }, "differs"],
])("the twin, when %s", ([, twin, standing]) => {
  expect(first(twin)).toMatchObject({ name: "diffuses", standing });
});

test("what else it reports stands beside, but for what has a place of its own", () => {
  const reported = { diffusing: null, at: AT, capsules: { fire: 3 }, low: [], intensity: 2, signal: { dBm: -60 } };
  expect(twinRows({ desired: null, reported })).toEqual([
    { name: "diffuses", desired: null, reported: "nothing", standing: "same" },
    { name: "intensity", desired: null, reported: "2", standing: "same" },
    { name: "signal", desired: null, reported: '{"dBm":-60}', standing: "same" },
  ]);
});

test("what the contract names is told in words, and what is not so is left out", () => {
  const schedule = { startTime: "19:00:00", endTime: "22:00:00", timeZone: "Asia/Hong_Kong", startsAt: AT, endsAt: AT };
  const reported = {
    diffusing: null,
    at: AT,
    firmware: "2.4.1",
    stay: null,
    rssi: -67,
    uptimeS: 90.5,
    schedule: { scent: "air", ...schedule },
  };
  expect(twinRows({ desired: null, reported }).slice(1)).toMatchObject([
    { name: "signal", reported: "-67 dBm" },
    { name: "running for", reported: "90 s" },
    { name: "schedule", reported: "air, 19:00:00 to 22:00:00 Asia/Hong_Kong" },
  ]);
});

test("capsules are told in the order of the scents, the low ones marked", () => {
  expect(capsulesOf({ diffusing: null, at: AT, capsules: { air: 9, fire: 1.5 }, low: ["fire", "water"] })).toEqual([
    { scent: "fire", leftMl: 1.5, isLow: true },
    { scent: "water", leftMl: undefined, isLow: true },
    { scent: "air", leftMl: 9, isLow: false },
  ]);
});

test.for([null, { diffusing: null, at: AT }, { diffusing: "soap", at: AT, capsules: { fire: 1 } }])(
  "a device that does not report them, or nothing sensible, has none: %j",
  (reported) => {
    expect(capsulesOf(reported)).toBeUndefined();
  },
);
