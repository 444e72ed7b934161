import { expect, test } from "vitest";
import { compareCounts, findIn } from "../../device-db/settle.ts";
import type { Usage } from "../../erp-stub/contract.ts";

const CHECK_IN: Parameters<typeof findIn>[1] = { id: "event-1", serial: "HKAP0100000001", status: "checkin" };
const CHECK_OUT = { ...CHECK_IN, id: "event-2", status: "checkout" } as const;

const OURS: Usage = {
  id: 7,
  ref: CHECK_IN.id,
  serial: CHECK_IN.serial,
  status: "checkin",
  scent: "wood",
  room: "Room 101",
  source: "webhook",
  checkinAt: "2026-03-01T12:00:00.000Z",
  timeinAt: null,
  timeoutAt: null,
  checkoutAt: null,
  intervals: [],
  startTime: null,
  endTime: null,
  request: "GET /device/switch",
};
const OF_ANOTHER_CALL: Usage = { ...OURS, id: 8, ref: "event-9" };
const OF_ANOTHER_DEVICE: Usage = { ...OURS, id: 9, serial: "dev-0001", ref: "event-8" };

test.for<[what: string, finding: string, usages: Usage[] | undefined, call: typeof CHECK_IN]>([
  ["the usage that the check-in opened", "present", [OURS], CHECK_IN],
  ["the usage that the check-out changed", "present", [{ ...OURS, checkoutAt: OURS.checkinAt }], CHECK_OUT],
  ["the only usage that there is, which nobody checked out", "unclear", [OURS], CHECK_OUT],
  ["an empty list", "absent", [], CHECK_IN],
  ["no list at all", "unclear", undefined, CHECK_IN],
  ["the usage of another call, as an ERP answers that ignores the reference", "unclear", [OF_ANOTHER_CALL], CHECK_IN],
  ["the usage of another device", "unclear", [OF_ANOTHER_DEVICE], CHECK_OUT],
  ["all usages that there are", "unclear", [OURS, OF_ANOTHER_CALL, OF_ANOTHER_DEVICE], CHECK_IN],
])("%s makes a call %s", ([, finding, usages, call]) => {
  expect(findIn(usages, call)).toBe(finding);
});

test.for<[before: number, now: number | undefined, finding: string]>([
  [3, 4, "present"],
  [3, 5, "present"],
  [3, 3, "absent"],
  [3, 2, "unclear"],
  [3, undefined, "unclear"],
])("%i check-ins before the call and %s now make it %s", ([before, now, finding]) => {
  expect(compareCounts(before, now).finding).toBe(finding);
});
