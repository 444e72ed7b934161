import type { DeliveryState } from "./contract.ts";
import type { Proof } from "./outcome.ts";

/** No delivery waits longer than this for its next attempt. */
export const LONGEST_BACKOFF_MS = 300_000;

const FIRST_BACKOFF_MS = 1_000;
const MAX_AGE_MS = 72 * 3_600_000;
/** Two look-ups, a quiesce time apart, must both find nothing before a call counts as not executed. */
const ABSENCES_NEEDED = 2;

/** What a decision rests on besides the outcome. */
export type Circumstances = {
  /** How often the delivery was sent. */
  attempts: number;
  /** How many look-ups in a row did not find it. */
  absences: number;
  ageMs: number;
  quiesceMs: number;
  /** Whether nobody knows what became of an earlier attempt. */
  isDoubtful?: boolean;
  /** How long the ERP asked us to wait. */
  retryAfterMs?: number | undefined;
  /** From [0, 1). */
  random: number;
};

/** The state that a delivery gets, how long it waits there, and whether its lane stops until a person resumes it. */
export type NextState = { state: DeliveryState; waitMs: number; pausesLane?: boolean };

/** What asking the ERP for a call showed; `unclear` when it could not be asked or its answer tells nothing. */
export type Finding = "present" | "absent" | "unclear";

/** Full jitter: anything up to a ceiling that doubles with each attempt. `random` is from [0, 1). */
export function backoffMs(attempts: number, random: number): number {
  const doublings = Math.min(Math.max(attempts - 1, 0), 30);
  return Math.round(random * Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** doublings));
}

/**
 * A `Retry-After` header, RFC 9110 §10.2.3: seconds or an HTTP date. `undefined` for anything else, and for what asks
 * for no time at all; never longer than the longest back-off, for an ERP that says "in ten years" should still be asked.
 */
export function retryAfterMs(header = "", now: number): number | undefined {
  const until = header.endsWith(" GMT") ? Date.parse(header) - now : Number.NaN;
  const waitMs = /^\d+$/.test(header) ? Number(header) * 1_000 : until;
  return waitMs > 0 ? Math.min(waitMs, LONGEST_BACKOFF_MS) : undefined;
}

/** What comes after a call to the ERP. */
export function afterCall(proof: Proof, circumstances: Circumstances): NextState {
  const { quiesceMs, retryAfterMs: asked } = circumstances;
  const uncertain: NextState = { state: "uncertain", waitMs: Math.max(quiesceMs, asked ?? 0) };
  switch (proof) {
    case "delivered":
      return { state: "delivered", waitMs: 0 };
    case "not-sent":
      return sendAgain(circumstances);
    case "throttled":
      return sendAgain({ ...circumstances, retryAfterMs: asked ?? throttledMs(circumstances) });
    case "rejected":
      return { state: "dead", waitMs: 0 };
    case "refused":
      return { state: "pending", waitMs: 0, pausesLane: true };
    case "ambiguous":
      return uncertain;
    case "walled":
      return { ...uncertain, pausesLane: true };
  }
}

/** What comes after the quiesce time when the ERP recognises a repeated call by its key. */
export function afterQuiesce(circumstances: Circumstances): NextState {
  // Whether an earlier attempt was executed is not known, so `dead` would say too much.
  if (isTooOld(circumstances)) return { state: "held", waitMs: 0 };
  return { state: "pending", waitMs: backoffMs(circumstances.attempts, circumstances.random) };
}

/** What comes after the ERP was asked whether it knows the call. */
export function afterLookup(finding: Finding, circumstances: Circumstances): NextState & { absences: number } {
  const { absences, quiesceMs } = circumstances;
  const waits = isTooOld(circumstances)
    ? ({ state: "held", waitMs: 0 } as const)
    : ({ state: "uncertain", waitMs: quiesceMs } as const);
  switch (finding) {
    case "present":
      return { state: "delivered", waitMs: 0, absences };
    case "unclear":
      return { ...waits, absences };
    case "absent":
      if (absences + 1 < ABSENCES_NEEDED) return { ...waits, absences: absences + 1 };
      return { ...sendAgain(circumstances), absences: 0 };
  }
}

/** Who says "too many" without a time is not asked again at once, as full jitter would sometimes have it. */
function throttledMs({ attempts, random }: Circumstances): number {
  return Math.max(FIRST_BACKOFF_MS, backoffMs(attempts, random));
}

/** Only for a call that was certainly not executed; `dead` says that of the delivery, so also of its earlier attempts. */
function sendAgain(circumstances: Circumstances): NextState {
  if (isTooOld(circumstances)) return { state: circumstances.isDoubtful ? "held" : "dead", waitMs: 0 };
  const { attempts, random, retryAfterMs: asked } = circumstances;
  return { state: "pending", waitMs: asked ?? backoffMs(attempts, random) };
}

function isTooOld({ ageMs }: Circumstances): boolean {
  return ageMs > MAX_AGE_MS;
}
