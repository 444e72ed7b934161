import { expect, test } from "vitest";
import { fleetProblems } from "../../scripts/fleet-verdict.ts";

const NO_LATENCY = { count: 0, p50Ms: 0, p95Ms: 0, p99Ms: 0 };
const COMMANDS = {
  asked: 9,
  accepted: 6,
  rejected: 2,
  expired: 1,
  unanswered: 0,
  open: 0,
  reasons: {},
  latency: NO_LATENCY,
};
const GOOD = {
  pods: 10,
  connect: { pods: 10, ms: 5, trouble: null },
  commands: COMMANDS,
  events: { made: 8, waiting: 0, ack: NO_LATENCY },
  erp: { checkIns: 6, usages: 6, delivered: 8, lost: 0, doubled: 0, strange: 0, unsettled: 0 },
};

test("a run in which pods rejected what they could not do is a good one", () => {
  expect(fleetProblems(GOOD)).toEqual([]);
});

test.for<[fields: object, problem: string]>([
  [{ connect: { pods: 7, ms: 5, trouble: null } }, "3 pods did not connect."],
  [{ connect: { pods: 9, ms: 5, trouble: "no answer" } }, "1 pods did not connect: no answer."],
  [{ commands: { ...COMMANDS, unanswered: 2, open: 1 } }, "3 commands have no answer."],
  [{ events: { ...GOOD.events, waiting: 1 } }, "1 events are not acknowledged."],
  [{ events: { ...GOOD.events, made: 10 } }, "2 events are not, or more than once, among the deliveries."],
  [{ erp: { ...GOOD.erp, delivered: 9 } }, "1 events are not, or more than once, among the deliveries."],
  [{ erp: { ...GOOD.erp, delivered: 7, unsettled: 1 } }, "1 deliveries are not settled."],
  [{ erp: { ...GOOD.erp, lost: 1 } }, "1 check-ins are not in the ERP."],
  [{ erp: { ...GOOD.erp, doubled: 1 } }, "1 usages are in the ERP twice."],
  [{ erp: { ...GOOD.erp, strange: 1 } }, "1 usages are in the ERP that belong to no check-in."],
])("with %j it is none", ([fields, problem]) => {
  expect(fleetProblems({ ...GOOD, ...fields })).toEqual([problem]);
});
