type Goal = { name: string; measured: number; atLeast?: number; atMost?: number };

/** A goal beside whether it was met. */
export type Judged = Goal & { ok: boolean };

export function judge(goal: Goal): Judged {
  const { measured, atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = goal;
  return { ...goal, ok: measured >= atLeast && measured <= atMost };
}

export function renderGoal({ name, measured, atLeast, atMost, ok }: Judged, digits = 0): string {
  const goal = atLeast === undefined ? `at most ${String(atMost)}` : `at least ${String(atLeast)}`;
  return `  ${ok ? "met   " : "MISSED"}  ${name}: ${measured.toFixed(digits)} (${goal})`;
}
