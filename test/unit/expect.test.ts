import { describe, expect, test } from "vitest";
import type { Usage } from "../../erp-stub/contract.ts";
import type { Facts } from "../../scripts/scenarios/contract.ts";
import { findingsOf, matches, type Seen } from "../../scripts/scenarios/expect.ts";
import { missingHop } from "../../scripts/scenarios/missing-hop.ts";
import { orderOf } from "../../scripts/scenarios/order.ts";
import type { Difference } from "../../scripts/scenarios/outcome.ts";

const WOOD = "GET /device/switch?serial=S-1&submit=&status=checkin&scent=wood";
const USAGE: Usage = {
  id: 7,
  ref: "e1",
  serial: "S-1",
  status: "timeout",
  scent: "wood",
  room: "Room 101",
  source: "webhook",
  checkinAt: "2026-03-01T12:00:00.000Z",
  timeinAt: "2026-03-01T12:01:00.000Z",
  timeoutAt: "2026-03-01T12:02:00.000Z",
  checkoutAt: null,
  intervals: [],
  startTime: "08:00:00",
  endTime: null,
  request: WOOD,
};
const GUEST = { state: "ended", scent: "wood", command: "accepted", reason: null, told: "Enjoy.", answer: "b" };
const SEEN: Seen = {
  sessions: { guest: GUEST },
  events: ["checkin", "timein"],
  deliveries: ["delivered", "pending"],
  requests: [WOOD],
  attempts: 2,
  usages: [USAGE],
  pod: { diffusing: "nothing", stay: "wood", status: "online", command: "accepted", low: ["air", "fire"] },
};
const WORDS = { serial: "S-1", scent: "wood" };

/** What differs, and nothing for a fact that holds. */
const differencesIn = (facts: Facts, seen: Seen = SEEN) =>
  findingsOf(facts, seen, WORDS).flatMap<Difference | string>(({ differences }) => differences ?? ["not checked"]);

describe("a fact that holds differs in nothing, and each that does not says what differs", () => {
  test.for<[what: string, holds: Facts, fails: Facts, difference: object]>([
    [
      "the state",
      { session: { state: "ended" } },
      { session: { state: "asked" } },
      { what: "state", expected: "asked", seen: "ended" },
    ],
    [
      "the answer",
      { session: { answer: "/^B$/i" } },
      { session: { answer: "c" } },
      { what: "answer", expected: "c", seen: "b" },
    ],
    [
      "no scent",
      { session: { scent: "wood" } },
      { session: { scent: null } },
      { what: "scent", expected: "none", seen: "wood" },
    ],
    [
      "what is told",
      { session: { told: "Enjoy." } },
      { session: { told: "enjoy." } },
      { what: "told", expected: "enjoy.", seen: "Enjoy." },
    ],
    ["no reason", {}, { session: { reason: "/empty/" } }, { what: "reason", expected: "/empty/", seen: "none" }],
    [
      "events",
      { events: ["checkin", "timein"] },
      { events: ["timein", "checkin"] },
      { what: "events", expected: "timein\ncheckin", seen: "checkin\ntimein" },
    ],
    ["an event too many", {}, { events: ["checkin"] }, { expected: "checkin", seen: "checkin\ntimein" }],
    [
      "deliveries",
      { deliveries: ["delivered", "pending"] },
      { deliveries: [] },
      { expected: "nothing", seen: "delivered\npending" },
    ],
    [
      "requests",
      { requests: [WOOD.replace("S-1", "{serial}")] },
      { requests: ["GET /"] },
      { what: "requests", expected: "GET /", seen: WOOD },
    ],
    ["attempts", { attempts: 2 }, { attempts: 1 }, { what: "calls", expected: "1", seen: "2" }],
    [
      "a usage by its call",
      { usages: [WOOD.replace("wood", "{scent}")] },
      { usages: [`${WOOD}&x=1`] },
      { what: "request", seen: WOOD },
    ],
    ["no usage", {}, { usages: [] }, { what: "usages", expected: "no usage", seen: `1 usage:\n${WOOD}` }],
    ["a usage too few", {}, { usages: [WOOD, WOOD] }, { what: "usages", seen: `1 usage:\n${WOOD}` }],
    [
      "a usage's times",
      { usages: [{ timein: true, timeout: true, checkout: false, endTime: null }] },
      { usages: [{ checkout: true }] },
      { what: "checkout", expected: "true", seen: "false" },
    ],
    [
      "a usage's status",
      { usages: [{ status: "timeout", startTime: "08:00:00" }] },
      { usages: [{ startTime: "09:00:00" }] },
      { what: "startTime", seen: "08:00:00" },
    ],
    [
      "the pod",
      { pod: { diffusing: "nothing", stay: "wood", low: ["air", "fire"] } },
      { pod: { status: "lost" } },
      { what: "pod: status", expected: "lost", seen: "online" },
    ],
    ["low capsules", {}, { pod: { low: [] } }, { what: "pod: low", expected: "nothing", seen: "air\nfire" }],
  ])("%s", ([, holds, fails, difference]) => {
    expect(differencesIn(holds)).toEqual([]);
    expect(differencesIn(fails)).toEqual([expect.objectContaining(difference)]);
  });

  test("whoever cannot be asked is not checked, which is never the same as holding", () => {
    const chatOnly: Seen = {
      sessions: { guest: { state: "ended", scent: "wood", command: "accepted", reason: null, told: "" } },
    };
    for (const facts of [
      { session: { answer: "b" } },
      { events: [] },
      { deliveries: [] },
      { requests: [] },
      { attempts: 0 },
      { usages: [] },
      { pod: { status: "online" } },
    ] satisfies Facts[])
      expect(differencesIn(facts, chatOnly)).toEqual(["not checked"]);
    expect(differencesIn({ session: { state: "asked", answer: "b" } }, chatOnly)).toEqual([
      { what: "state", expected: "asked", seen: "ended" },
    ]);
  });

  test("guests are told apart, and one who never came is missing", () => {
    const two: Seen = { sessions: { Anna: GUEST, Ben: { ...GUEST, scent: "air" } } };
    expect(differencesIn({ sessions: { Anna: { scent: "wood" }, Ben: { scent: "air" } } }, two)).toEqual([]);
    expect(differencesIn({ sessions: { Ben: { scent: "wood" } } }, two)).toEqual([
      { what: "scent", expected: "wood", seen: "air" },
    ]);
    expect(differencesIn({ sessions: { Carl: { state: "ended" } } }, two)).toEqual([
      { what: "Carl's session", expected: "a session", seen: "none" },
    ]);
  });
});

test("words stand for themselves, and patterns match", () => {
  const cases: [string, string, boolean][] = [
    ["a.c", "abc", false],
    ["/a.c/", "xabcx", true],
    ["/^ABC$/i", "abc", true],
    ["/a", "/a", true],
    ["//", "//", true],
  ];
  expect(cases.map(([expected, seen]) => matches(expected, seen))).toEqual(cases.map(([, , is]) => is));
});

test("the first hop that did not happen is the one after the last that did", () => {
  const hop = (part: "phone" | "bot" | "broker" | "pod", name: string) => ({
    at: "",
    part,
    name,
    ok: true,
    detail: "",
    payload: null,
  });
  const hops = [
    hop("phone", "chat opened"),
    hop("bot", "asked"),
    hop("phone", "answered"),
    hop("bot", "session ended"),
  ];
  expect(missingHop({ hops: [] })).toBe("the guest opens the chat");
  expect(missingHop({ hops })).toBe("the broker hands the command on");
  expect(missingHop({ hops: [...hops, hop("broker", "command repeated"), hop("pod", "rejected")] })).toBe(
    "the pod accepts the command",
  );
});

test("an order is read, or refused in a sentence", () => {
  expect(orderOf("checkout")).toEqual({ action: "checkout" });
  expect(orderOf(" checkin  air ")).toEqual({ action: "checkin", scent: "air" });
  expect(orderOf("schedule 08:00 12:30:15 wood")).toEqual({
    action: "schedule",
    scent: "wood",
    from: "08:00:00",
    to: "12:30:15",
  });
  expect(orderOf("schedule now+2s now+10s fire")).toMatchObject({ from: 2_000, to: 10_000 });
  for (const wrong of [
    "",
    "checkout now",
    "checkin",
    "schedule 8:00 9:00 wood",
    "schedule 08:00 09:00",
    "dance",
    "checkin rose",
  ])
    expect(orderOf(wrong)).toEqual(expect.stringMatching(/^.+\.$/));
});
