import { expect, test } from "vitest";
import type { CheckIn } from "../../device-db/delivery-store.ts";
import { compare } from "../../device-db/reconcile.ts";
import type { Usage } from "../../erp-stub/contract.ts";

const SERIAL = "HKAP0100000001";
const ASKED_AT = 1_000;

function delivery(id: string, more: Partial<CheckIn> = {}): CheckIn {
  return { n: 1, id, scent: "wood", state: "delivered", changed_at: ASKED_AT, ...more };
}

function usage(id: number, ref: string | null, scent = "wood"): Usage {
  const none = { timeinAt: null, timeoutAt: null, checkoutAt: null, intervals: [], startTime: null, endTime: null };
  const what = { serial: SERIAL, status: "checkin", room: "Room 101", source: "webhook" } as const;
  return { id, ref, scent, ...what, checkinAt: "2026-03-01T12:00:00.000Z", ...none, request: "GET /device/switch" };
}

const SAME = { delivered: 1, erp: 1, missing: [], extra: [], mismatched: [] };

test.for<[what: string, ours: CheckIn[], usages: Usage[] | undefined, found: Partial<ReturnType<typeof compare>>]>([
  ["one on both sides", [delivery("a")], [usage(1, "a")], SAME],
  ["a delivery that the ERP does not have", [delivery("a"), delivery("b")], [usage(1, "a")], { missing: ["b"] }],
  ["a usage of nobody's", [delivery("a")], [usage(2, "x"), usage(1, "a")], { extra: [2] }],
  [
    "a usage without a reference beside those with one",
    [delivery("a")],
    [usage(2, null), usage(1, "a")],
    { extra: [2] },
  ],
  [
    "a usage that is there twice: the older one counts",
    [delivery("a")],
    [usage(2, "a"), usage(1, "a")],
    { extra: [2] },
  ],
  ["another scent", [delivery("a")], [usage(1, "a", "fire")], { ...SAME, mismatched: ["a"] }],
  [
    "a usage of a delivery that is still under way",
    [delivery("a", { state: "inflight" })],
    [usage(1, "a")],
    { delivered: 0, extra: [] },
  ],
  [
    "what was delivered after the ERP was asked",
    [delivery("a", { changed_at: ASKED_AT + 1 })],
    [],
    { delivered: 0, missing: [] },
  ],
  ["an ERP that cannot be read", [delivery("a")], undefined, { ...SAME, erp: null }],
  [
    "an ERP that keeps no references",
    [delivery("a"), delivery("b")],
    [usage(1, null)],
    { delivered: 2, erp: 1, missing: [] },
  ],
])("%s", ([, ours, usages, found]) => {
  expect(compare(SERIAL, { ours, usages, askedAt: ASKED_AT })).toMatchObject(found);
});
