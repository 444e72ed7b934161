import { expect, test } from "vitest";
import type { DeliveryState } from "../../device-db/contract.ts";
import type { Facts } from "../../scripts/scenarios/contract.ts";
import type { Look } from "../../scripts/scenarios/look.ts";
import { underWay } from "../../scripts/scenarios/under-way.ts";
import { outcomeOf } from "../support/evidence-outcomes.ts";

const { flows, deliveries } = outcomeOf({ n: 1, scent: "wood" });
const GUEST = { state: "ended", scent: "wood", command: "accepted", reason: null, told: "" };
const ENDED: Look = { seen: { sessions: { guest: GUEST } }, flows, deliveries, usages: [] };
const CALLING: Look = {
  ...ENDED,
  deliveries: deliveries.map((one) => ({ ...one, state: "pending" as DeliveryState })),
};
const ASKING: Look = { ...ENDED, seen: { sessions: { guest: { ...GUEST, command: "pending" } } } };

test.for<[what: string, look: Look, facts: Facts, said: RegExp | undefined]>([
  ["an end", ENDED, { usages: [] }, undefined],
  ["a call that is due", CALLING, { usages: [] }, /^the delivery of a checkin is pending$/],
  ["one that is to be due", CALLING, { deliveries: ["pending"] }, undefined],
  ["a pod that has not replied", ASKING, { events: [] }, /^a command waits for the pod's reply$/],
  ["one that is not to reply", ASKING, { session: { command: "pending" } }, undefined],
])("%s", ([, look, facts, said]) => {
  if (said) expect(underWay(look, facts)).toMatch(said);
  else expect(underWay(look, facts)).toBeUndefined();
});
