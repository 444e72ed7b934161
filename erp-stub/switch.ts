/** What a call of `GET /device/switch` means, and what comes of it: no I/O, so every rule can be read and tested here. */
import { type ErpError, type SwitchAnswer, USAGE_STATUSES, type UsageStatus } from "./contract.ts";

const SWITCH_FIELDS = ["serial", "status", "scent", "start_time", "end_time"] as const;
type SwitchField = (typeof SWITCH_FIELDS)[number];

const KEY_SHAPE = /^[A-Za-z0-9_-]{1,64}$/;
const TIME_SHAPE = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/;

const MESSAGES: Record<UsageStatus, string> = {
  checkin: "Device check-in successful",
  checkout: "Device check-out successful",
  timein: "Device time-in successful",
  timeout: "Device time-out successful",
};

/** The parameters that count; an empty one is an absent one, as HTML forms send them. */
export type SwitchCall = {
  fields: Record<SwitchField, string | undefined>;
  /** Fields given more than once: they have no value above. */
  repeated: readonly SwitchField[];
  /** All values of each field, in order. */
  given: readonly (readonly string[])[];
  /** The `Idempotency-Key`, where it is honoured. */
  key: string | undefined;
};

/** A device, the room that it stands in, and its usage with the latest check-in. */
type SwitchedDevice = {
  id: number;
  roomId: number | null;
  clientId: number | null;
  latestId: number | null;
};

/** What the tables hold for the values of one call. */
export type SwitchRows = {
  device: SwitchedDevice | undefined;
  scentId: number | undefined;
  scheduleId: number | undefined;
  /** The device's usage with the latest check-in. */
  latest: { id: number; status: UsageStatus; checkoutAt: string | null } | undefined;
  /** The call that used the same key before. */
  earlier: { fingerprint: string; answer: SwitchAnswer } | undefined;
};

type NewUsage = { device: SwitchedDevice; scentId: number; scheduleId: number | undefined };

export type SwitchDecision =
  | { kind: "refused"; status: 409 | 422; error: ErpError }
  | { kind: "replayed"; answer: SwitchAnswer }
  | { kind: "opened"; usage: NewUsage; answer: SwitchAnswer }
  | { kind: "changed"; usageId: number; status: Exclude<UsageStatus, "checkin">; answer: SwitchAnswer };

export function parseSwitchCall(query: URLSearchParams, key: string | undefined): SwitchCall {
  const given = SWITCH_FIELDS.map((field) => {
    const values = query.getAll(field);
    return values.length === 1 && values[0] === "" ? [] : values;
  });
  const [serial, status, scent, startTime, endTime] = given.map((values) =>
    values.length === 1 ? values[0] : undefined,
  );
  return {
    fields: { serial, status, scent, start_time: startTime, end_time: endTime },
    repeated: SWITCH_FIELDS.filter((_, at) => (given[at]?.length ?? 0) > 1),
    given,
    key,
  };
}

/** The same for two calls exactly if they ask for the same. */
export function fingerprintOf({ given }: SwitchCall): string {
  return JSON.stringify(given);
}

/**
 * Judges a call by the rows that it names. A known key is answered as before, whatever became of those rows since.
 *
 * @param at the time of the call, ISO 8601
 */
export function decideSwitch(call: SwitchCall, rows: SwitchRows, at: string): SwitchDecision {
  const known = decideKnownKey(call, rows);
  if (known) return known;
  const details = problemsOf(call, rows);
  const { serial } = call.fields;
  const status = statusOf(call);
  const { device, scentId, scheduleId } = rows;
  const isValid = Object.keys(details).length === 0;
  if (!isValid || !serial || !status || !device?.roomId) return invalid(details);
  const answer = answerOf(serial, status, at);
  if (status !== "checkin") return change(rows.latest, status, answer);
  if (!scentId) return invalid(details);
  return { kind: "opened", usage: { device, scentId, scheduleId }, answer };
}

/**
 * What an executed call was, by the line that the journal keeps of it: its answer need not be kept beside.
 *
 * @param request method and URL, whole
 * @param at when it was executed
 */
export function readExecuted(request: string, at: string): { fingerprint: string; answer: SwitchAnswer } {
  const call = parseSwitchCall(new URLSearchParams(request.slice(request.indexOf("?") + 1)), undefined);
  return {
    fingerprint: fingerprintOf(call),
    answer: answerOf(call.fields.serial ?? "", statusOf(call) ?? "checkin", at),
  };
}

function answerOf(serial: string, status: UsageStatus, at: string): SwitchAnswer {
  return { message: MESSAGES[status], serial, status, timestamp: at };
}

function decideKnownKey(call: SwitchCall, { earlier }: SwitchRows): SwitchDecision | undefined {
  if (!earlier || !isKey(call.key)) return undefined;
  if (earlier.fingerprint === fingerprintOf(call)) return { kind: "replayed", answer: earlier.answer };
  return invalid({ "Idempotency-Key": ["The Idempotency-Key was used before with other parameters."] });
}

function change(
  latest: SwitchRows["latest"],
  status: Exclude<UsageStatus, "checkin">,
  answer: SwitchAnswer,
): SwitchDecision {
  if (latest?.checkoutAt === null) return { kind: "changed", usageId: latest.id, status, answer };
  return { kind: "refused", status: 409, error: { error: "No active device usage for this device" } };
}

function invalid(details: Record<string, string[]>): SwitchDecision {
  return { kind: "refused", status: 422, error: { error: "Validation failed", details } };
}

const CHECKS: Record<SwitchField, (call: SwitchCall, rows: SwitchRows) => string | undefined> = {
  serial: checkSerial,
  status: checkStatus,
  scent: checkScent,
  start_time: (call, rows) => checkTime(call, rows, ["start_time", "end_time"]),
  end_time: (call, rows) => checkTime(call, rows, ["end_time", "start_time"]),
};

function problemsOf(call: SwitchCall, rows: SwitchRows): Record<string, string[]> {
  const details: Record<string, string[]> = {};
  for (const field of SWITCH_FIELDS) {
    const problem = call.repeated.includes(field)
      ? `The ${nameOf(field)} field must not be given more than once.`
      : CHECKS[field](call, rows);
    if (problem) details[field] = [problem];
  }
  if (call.key !== undefined && !isKey(call.key)) {
    details["Idempotency-Key"] = ["The Idempotency-Key must be 1 to 64 letters, digits, hyphens or underscores."];
  }
  return details;
}

function checkSerial({ fields }: SwitchCall, { device }: SwitchRows): string | undefined {
  if (fields.serial === undefined) return "The serial field is required.";
  if (!device) return "The selected serial is invalid.";
  return device.roomId === null ? "The selected serial is not set up in a room." : undefined;
}

function checkStatus(call: SwitchCall): string | undefined {
  if (call.fields.status === undefined) return "The status field is required.";
  return statusOf(call) ? undefined : "The selected status is invalid.";
}

function checkScent({ fields }: SwitchCall, { scentId }: SwitchRows): string | undefined {
  if (fields.scent !== undefined) return scentId === undefined ? "The selected scent is invalid." : undefined;
  return fields.status === "checkin" ? "The scent field is required when status is checkin." : undefined;
}

function checkTime({ fields }: SwitchCall, rows: SwitchRows, pair: [SwitchField, SwitchField]): string | undefined {
  const [field, otherField] = pair;
  const value = fields[field];
  const other = fields[otherField];
  if (value === undefined) {
    return other === undefined
      ? undefined
      : `The ${nameOf(field)} field is required when ${nameOf(otherField)} is present.`;
  }
  if (!TIME_SHAPE.test(value)) return `The ${nameOf(field)} field must match the format H:i:s.`;
  const isPair = other !== undefined && TIME_SHAPE.test(other);
  return isPair && rows.scheduleId === undefined ? "The selected schedule is invalid." : undefined;
}

function statusOf({ fields }: SwitchCall): UsageStatus | undefined {
  return USAGE_STATUSES.find((status) => status === fields.status);
}

function isKey(key: string | undefined): boolean {
  return key !== undefined && KEY_SHAPE.test(key);
}

function nameOf(field: SwitchField): string {
  return field.replace("_", " ");
}
