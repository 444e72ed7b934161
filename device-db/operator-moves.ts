import type { DeliveryState } from "./contract.ts";

export const OPERATOR_MOVES = ["resend", "discard", "mark-delivered"] as const;
export type OperatorMove = (typeof OPERATOR_MOVES)[number];

type Rule = { from: readonly DeliveryState[]; to: DeliveryState };

/**
 * What a person may decide about a delivery. Nobody moves one that is `inflight`: its answer is still to come. What is
 * `delivered` stays so, and what is `pending` is sent anyway.
 */
const RULES: Record<OperatorMove, Rule> = {
  resend: { from: ["uncertain", "held", "dead", "discarded"], to: "pending" },
  discard: { from: ["pending", "uncertain", "held", "dead"], to: "discarded" },
  "mark-delivered": { from: ["uncertain", "held", "dead"], to: "delivered" },
};

/** The state after the move, or `undefined` where it is not allowed. */
export function stateAfter(move: OperatorMove, from: DeliveryState): DeliveryState | undefined {
  const { from: allowed, to } = RULES[move];
  return allowed.includes(from) ? to : undefined;
}

/** The moves that are allowed from here, for buttons. */
export function movesFrom(state: DeliveryState): OperatorMove[] {
  return OPERATOR_MOVES.filter((move) => stateAfter(move, state) !== undefined);
}
