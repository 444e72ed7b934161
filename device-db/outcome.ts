import { type ErpError, erpErrorSchema, switchAnswerSchema } from "../erp-stub/contract.ts";
import { parseJson } from "../plumbing/json.ts";
import { masked } from "./mask.ts";

/** What came back from one call to the ERP, or what stopped it. */
export type CallResult =
  | { kind: "answer"; status: number; body: string; retryAfter?: string | undefined }
  /** `connected` tells whether there was ever a connection that the request could have left on. */
  | { kind: "failure"; connected: boolean; code: string; message: string };

/**
 * What a result proves about the call:
 * `delivered` — the ERP executed it; `not-sent` — it never reached the ERP; `rejected` — the ERP refused it for good;
 * `refused` — the ERP does not let us in, so a person must mend that; `throttled` — the ERP refused it for now;
 * `ambiguous` — it may or may not have been executed; `walled` — the same, from somebody who does not let us in.
 */
export const PROOFS = ["delivered", "not-sent", "rejected", "refused", "throttled", "ambiguous", "walled"] as const;
export type Proof = (typeof PROOFS)[number];

type Call = { serial: string; status: string };
type Answer = Extract<CallResult, { kind: "answer" }>;

/** What answers prove: the first row that fits counts. */
const ANSWERS: readonly (readonly [proof: Proof, fits: (answer: Answer, call: Call) => boolean])[] = [
  ["delivered", ({ status, body }, call) => status === 200 && isDocumentedAnswer(body, call)],
  ["walled", ({ status, body }) => status === 200 && isPageThatRefuses(body)],
  ["refused", ({ status }) => status === 401 || status === 403],
  ["throttled", ({ status }) => status === 429],
  ["rejected", ({ status, body }) => [400, 404, 409, 422].includes(status) && isErpError(body)],
];

const EVIDENCE_CHARACTERS = 2_048;

/** Only what is certain is said to be certain; everything unknown is `ambiguous`. */
export function prove(result: CallResult, call: Call): Proof {
  // An error's code proves nothing: a reset, or a failure of TLS, comes before the request as well as after it.
  if (result.kind === "failure") return result.connected ? "ambiguous" : "not-sent";
  return ANSWERS.find(([, fits]) => fits(result, call))?.[0] ?? "ambiguous";
}

function isDocumentedAnswer(body: string, call: Call): boolean {
  const answer = switchAnswerSchema.safeParse(parseJson(body));
  return answer.success && answer.data.serial === call.serial && answer.data.status === call.status;
}

function isErpError(body: string): boolean {
  return erpErrorSchema.safeParse(parseJson(body)).success;
}

/** As an allow-list in front of an ERP answers those who are not on it. */
function isPageThatRefuses(body: string): boolean {
  const refuses =
    /allow.?list|white.?list|not (allowed|permitted|authori[sz]ed)|forbidden|access (is )?denied|sign in|log ?in/i;
  return /^\s*<(!doctype|html)/i.test(body) && refuses.test(body);
}

/** Failures of TLS are nothing that waiting mends. */
export function isMisconfiguration(result: CallResult): boolean {
  return (
    result.kind === "failure" &&
    !result.connected &&
    /^(ERR_SSL|ERR_TLS|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|EPROTO)/.test(result.code)
  );
}

/** The result in one line for people, who see it in the flow, the log and the console: without secrets. */
export function evidenceOf(result: CallResult): string {
  if (result.kind === "failure") return `${result.code || "failure"}: ${result.message}`.slice(0, EVIDENCE_CHARACTERS);
  const error = parseJson(result.body) as Partial<ErpError> | undefined;
  const text = error && typeof error === "object" && error.error ? JSON.stringify(error) : result.body;
  return `HTTP ${String(result.status)}: ${masked(text)}`.slice(0, EVIDENCE_CHARACTERS);
}
