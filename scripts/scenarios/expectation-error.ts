import type { Difference } from "./outcome.ts";

/** Something is not as the scenario expects. */
export class ExpectationError extends Error {
  override name = "ExpectationError";
  readonly differences: Difference[];

  constructor(message: string, differences: Difference[] = []) {
    super(message);
    this.differences = differences;
  }
}
