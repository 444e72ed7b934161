import { type ErpError, erpErrorSchema, switchAnswerSchema } from "../erp-stub/contract.ts";
import { parseJson } from "../plumbing/json.ts";

/** What came back from one call to the ERP, or what stopped it. */
export type CallResult =
  | { kind: "answer"; status: number; body: string }
  /** `connected` tells whether there was ever a connection that the request could have left on. */
  | { kind: "failure"; connected: boolean; code: string; message: string };

/**
 * What a result proves about the call:
 * `delivered` — the ERP executed it; `not-sent` — it never reached the ERP; `rejected` — the ERP refused it for good;
 * `refused` — the ERP does not let us in, so a person must mend that; `ambiguous` — it may or may not have been executed.
 */
export type Proof = "delivered" | "not-sent" | "rejected" | "refused" | "ambiguous";

const REJECTIONS = new Set([400, 404, 409, 422]);
const EVIDENCE_CHARACTERS = 2_048;

/** Only what is certain is said to be certain; everything unknown is `ambiguous`. */
export function prove(result: CallResult, call: { serial: string; status: string }): Proof {
  // An error's code proves nothing: a reset, or a failure of TLS, comes before the request as well as after it.
  if (result.kind === "failure") return result.connected ? "ambiguous" : "not-sent";
  return proveAnswer(result, call);
}

function proveAnswer(
  { status, body }: { status: number; body: string },
  call: { serial: string; status: string },
): Proof {
  if (status === 401 || status === 403) return "refused";
  if (status === 200) {
    const answer = switchAnswerSchema.safeParse(parseJson(body));
    const isOurs = answer.success && answer.data.serial === call.serial && answer.data.status === call.status;
    return isOurs ? "delivered" : "ambiguous";
  }
  return REJECTIONS.has(status) && erpErrorSchema.safeParse(parseJson(body)).success ? "rejected" : "ambiguous";
}

/** The result in one line for people. */
export function evidenceOf(result: CallResult): string {
  if (result.kind === "failure") return `${result.code || "failure"}: ${result.message}`.slice(0, EVIDENCE_CHARACTERS);
  const error = parseJson(result.body) as Partial<ErpError> | undefined;
  const text = error && typeof error === "object" && error.error ? JSON.stringify(error) : result.body;
  return `HTTP ${String(result.status)}: ${text}`.slice(0, EVIDENCE_CHARACTERS);
}
