/** One call as an ERP treats it; what is not said is as a healthy ERP does it. Plain data, so that it can be sent. */
export type Step = {
  /** How long the ERP works before anything comes of it. */
  workMs?: number;
  /** Whether the call is carried out: before the answer if not said, or that long after it. */
  executes?: "never" | { afterMs: number };
  answer?: HttpAnswer | WireAnswer;
};

export type HttpAnswer = { status: number; headers?: Record<string, string>; body?: string | object };

/** What goes over the wire instead of an answer that HTTP allows. */
export type WireAnswer = {
  /** In Latin-1, a character for each byte. */
  bytes?: string;
  ending: "end" | "reset" | "silence" | "drip" | "flood";
};

const SLOW_MS = 300;
const VERY_LATE_MS = 2_000;
const FAILED: HttpAnswer = { status: 500, body: "<h1>Internal Server Error</h1>" };
const RESET: WireAnswer = { ending: "reset" };

/** The faults that more than one test speaks of. */
const FAULTS = {
  none: {},
  slow: { workMs: SLOW_MS },
  rejected: {
    executes: "never",
    answer: { status: 422, body: { error: "Validation failed", details: { scent: ["not known"] } } },
  },
  unauthorized: { executes: "never", answer: { status: 401, body: "<h1>Who are you?</h1>" } },
  "error before executing": { executes: "never", answer: FAILED },
  "error after executing": { answer: FAILED },
  "reset before executing": { executes: "never", answer: RESET },
  "reset after executing": { answer: RESET },
  "executed after the reset": { executes: { afterMs: SLOW_MS }, answer: RESET },
  "executed long after the reset": { executes: { afterMs: VERY_LATE_MS }, answer: RESET },
  "a page instead of the answer": { answer: { status: 200, body: "<!doctype html><title>Welcome</title>" } },
  "the answer to another call": {
    answer: {
      status: 200,
      body: {
        message: "Device check-in successful",
        serial: "dev-0001",
        status: "checkin",
        timestamp: "2026-03-01T12:00:00.000Z",
      },
    },
  },
  redirect: { answer: { status: 302, headers: { location: "/device/switch" } } },
  "executed without an answer": { answer: { ending: "silence" } },
} satisfies Record<string, Step>;

/** A fault by its name, or told in full. */
export type Fault = keyof typeof FAULTS | Step;

export function stepOf(fault: Fault): Step {
  return typeof fault === "string" ? FAULTS[fault] : fault;
}
