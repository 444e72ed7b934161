/** W3C Trace Context (https://www.w3.org/TR/trace-context/): who began something, and who asked for this part of it. */
import { createHash, randomFillSync } from "node:crypto";

/** Version 00 is exactly this; a later version may go on after another hyphen. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const NOTHING = /^0+$/;
const SAMPLED = "01";
/** The flags that are known: sampled, and that the trace id is random. */
const KNOWN_FLAGS = 0b11;

const SPAN_ID_BYTES = 8;
/** Asking for random bytes costs the same for many as for few. */
const random = Buffer.alloc(512 * SPAN_ID_BYTES);
let used = random.length;

type Trace = { traceId: string; parentId: string; flags: string };

/** A new span in the trace of what has this id; a UUID is the trace id itself, so that people find one by the other. */
export function traceparentOf(id: string): string {
  return format(traceIdOf(id), SAMPLED);
}

/** A new span that `traceparent` asked for. One that is missing or not valid is replaced by the trace of `id`. */
export function childOf(traceparent: string | null | undefined, id: string): string {
  const trace = parseTraceparent(traceparent);
  return trace ? format(trace.traceId, trace.flags) : traceparentOf(id);
}

/** `undefined` for what the standard wants ignored. */
export function parseTraceparent(value: string | null | undefined): Trace | undefined {
  const found = TRACEPARENT.exec(value ?? "");
  if (!found) return undefined;
  const [, version, traceId = "", parentId = "", flags = "", more] = found;
  const isUnknown = version === "ff" || (version === "00" && more !== undefined);
  if (isUnknown || NOTHING.test(traceId) || NOTHING.test(parentId)) return undefined;
  return { traceId, parentId, flags: (Number.parseInt(flags, 16) & KNOWN_FLAGS).toString(16).padStart(2, "0") };
}

function traceIdOf(id: string): string {
  const hex = UUID.test(id) ? id.replaceAll("-", "").toLowerCase() : "";
  return hex === "" || NOTHING.test(hex) ? createHash("sha256").update(id).digest("hex").slice(0, 32) : hex;
}

function format(traceId: string, flags: string): string {
  return `00-${traceId}-${newSpanId()}-${flags}`;
}

function newSpanId(): string {
  if (used === random.length) {
    randomFillSync(random);
    used = 0;
  }
  const id = random.toString("hex", used, (used += SPAN_ID_BYTES));
  return NOTHING.test(id) ? newSpanId() : id;
}
