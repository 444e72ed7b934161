import { expect, test } from "vitest";
import { DELIVERY_STATES, type DeliveryState } from "../../device-db/contract.ts";
import { movesFrom, OPERATOR_MOVES, type OperatorMove, stateAfter } from "../../device-db/operator-moves.ts";

const ALLOWED: Record<DeliveryState, Partial<Record<OperatorMove, DeliveryState>>> = {
  pending: { discard: "discarded" },
  inflight: {},
  delivered: {},
  uncertain: { resend: "pending", discard: "discarded", "mark-delivered": "delivered" },
  held: { resend: "pending", discard: "discarded", "mark-delivered": "delivered" },
  dead: { resend: "pending", discard: "discarded", "mark-delivered": "delivered" },
  discarded: { resend: "pending" },
};

test.each(DELIVERY_STATES)("what an operator may do with a delivery that is %s", (state) => {
  const moves = Object.fromEntries(OPERATOR_MOVES.map((move) => [move, stateAfter(move, state)]));
  expect(moves).toEqual({ resend: undefined, discard: undefined, "mark-delivered": undefined, ...ALLOWED[state] });
  expect(movesFrom(state)).toEqual(OPERATOR_MOVES.filter((move) => move in ALLOWED[state]));
});
