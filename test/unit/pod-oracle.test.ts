import { expect, test } from "vitest";
import type { PodBooks } from "../support/ledgers.ts";
import { podProblems } from "../support/pod-oracle.ts";

const SERIAL = "P1";

/** A check-in by command, one by hand and a check-out, all told to the ERP. */
function goodBooks(): PodBooks {
  const serial = SERIAL;
  const events = [
    { id: "e1", serial, seq: 1, status: "checkin", scent: "wood", commandId: "c1" },
    { id: "e2", serial, seq: 2, status: "checkin", scent: "air", commandId: null },
    { id: "e3", serial, seq: 3, status: "checkout", scent: "air", commandId: "c2" },
  ];
  return {
    pods: [{ serial, seq: 3 }],
    unacked: [],
    commands: [
      { id: "c1", serial, state: "accepted", action: "checkin", scent: "wood" },
      { id: "c2", serial, state: "accepted", action: "checkout", scent: null },
      { id: "c3", serial, state: "expired", action: "checkin", scent: "fire" },
    ],
    events,
    deliveries: events.map(({ id }) => ({ id, serial, state: "delivered" })),
    usages: [
      { ref: "e1", serial, scent: "wood", checkoutAt: null },
      { ref: "e2", serial, scent: "air", checkoutAt: "2026-03-01T12:00:00.000Z" },
    ],
    requests: events.map(({ id: ref }) => ({ ref, serial })),
  };
}

const findingsOf = (books: PodBooks, presses = 1) => podProblems(books, new Map([[SERIAL, presses]])).get(SERIAL) ?? [];

test("what is right has no problems", () => {
  expect(findingsOf(goodBooks())).toEqual([]);
});

test("a pod that says nothing of its button is found out, and one that nobody pressed", () => {
  expect([findingsOf(goodBooks(), 0), findingsOf(goodBooks(), 2)]).toEqual([
    ["0 presses did something, and 1 are reported"],
    ["2 presses did something, and 1 are reported"],
  ]);
});

test.for<[what: string, spoil: (books: PodBooks) => unknown, finding: RegExp]>([
  ["a lost event", ({ events }) => events.splice(1, 1), /^it made events 1 to 3, and 1,3 came$/],
  ["an event twice", ({ events }) => events.push({ ...firstOf(events), id: "e9" }), /^it made .* and 1,1,2,3 came$/],
  ["an event of nobody's command", ({ events }) => (firstOf(events).commandId = "c9"), /which nobody asked for$/],
  [
    "another scent",
    ({ events }) => (firstOf(events).scent = "fire"),
    /^event e1 says checkin fire, which nobody asked/,
  ],
  ["an event not acknowledged", ({ unacked }) => unacked.push({ serial: SERIAL, id: "e3" }), /^event e3 is not ackn/],
  ["no delivery", ({ deliveries }) => deliveries.pop(), /^event e3 has no delivery of its own$/],
  ["a delivery that waits", ({ deliveries }) => (firstOf(deliveries).state = "held"), /^delivery e1 is held$/],
  ["a command that waits", ({ commands }) => (firstOf(commands).state = "pending"), /^command c1 is pending and has 1/],
  ["an expired command that acted", ({ commands }) => (firstOf(commands).state = "expired"), /^command c1 is expired/],
  [
    "an accepted one that did not",
    ({ commands }) => (commands[2] = { ...firstOf(commands), id: "c3" }),
    /has 0 events$/,
  ],
  ["a call too few", ({ requests }) => requests.pop(), /^the ERP was called for e1,e2, of the events e1,e2,e3$/],
  ["calls in another order", ({ requests }) => requests.reverse(), /^the ERP was called for e3,e2,e1, /],
  ["a usage twice", ({ usages }) => usages.push(firstOf(usages)), /^its usages are .* in the place of /],
  [
    "a usage of another scent",
    ({ usages }) => (firstOf(usages).scent = "fire"),
    /^its usages are .*fire.* in the place/,
  ],
  ["a wrong usage ended", ({ usages }) => (firstOf(usages).checkoutAt = "now"), /^its usages are /],
])("the check finds %s", ([, spoil, finding]) => {
  const books = goodBooks();
  spoil(books);
  expect(findingsOf(books)).toContainEqual(expect.stringMatching(finding));
});

function firstOf<T>(rows: readonly T[]): T {
  const [first] = rows;
  if (!first) throw new Error("There is no row.");
  return first;
}
