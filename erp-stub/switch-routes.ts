import { type Clock, isoTime } from "../plumbing/clock.ts";
import { failpoint } from "../plumbing/failpoint.ts";
import type { Route } from "../plumbing/http.ts";
import { json, type Reply } from "../plumbing/http-reply.ts";
import { type Note, refOf, requestLine } from "./call-journal.ts";
import type { AdmitCaller } from "./caller.ts";
import type { ErpMode } from "./contract.ts";
import type { WithFaults } from "./faults.ts";
import type { ErpStore } from "./store.ts";
import { decideSwitch, parseSwitchCall, type SwitchDecision } from "./switch.ts";
import type { Receipt } from "./switch-store.ts";

export const SWITCH_PATH = "/device/switch";

type Parts = {
  store: Pick<ErpStore, "switchDevice">;
  clock: Clock;
  /** It may change while the server runs. */
  mode: () => ErpMode;
  note: (call: Note) => void;
};

type Call = { query: URLSearchParams; key: string | undefined } & Omit<Receipt, "ref">;

export type ExecuteSwitch = ReturnType<typeof createSwitch>;

/** Carries calls out for whoever may make them, and journals them. */
export function createSwitch({ store, clock, mode, note }: Parts): (call: Call) => Promise<Reply> {
  return async ({ query, key, ...origin }) => {
    const call = parseSwitchCall(query, mode() === "safe" ? key : undefined);
    const receipt = { ref: refOf(key), ...origin };
    const decision = await store.switchDevice(call, receipt, (rows) => decideSwitch(call, rows, isoTime(clock.now())));
    failpoint("erp.committed");
    const unwritten = noteOf(decision);
    if (unwritten) note({ ...receipt, ...unwritten });
    return replyTo(decision);
  };
}

type Endpoint = { execute: ExecuteSwitch; admit: AdmitCaller; withFaults: WithFaults };

export function switchRoutes({ execute, admit, withFaults }: Endpoint): Route[] {
  const handle = withFaults((request, remote: string) => {
    const key = request.header("idempotency-key");
    return execute({ query: request.query, key, remote, request: requestLine(request) });
  }, "switch");
  return [{ method: "GET", path: SWITCH_PATH, handle: (request) => handle(request, admit(request).address) }];
}

/** What an executed call is journaled with is written in its own commit; of the others only the answer is known. */
function noteOf(decision: SwitchDecision): Pick<Note, "outcome" | "status" | "answer"> | undefined {
  if (decision.kind === "refused") return { outcome: "refused", status: decision.status, answer: decision.error };
  if (decision.kind === "replayed") return { outcome: "replayed", status: 200, answer: decision.answer };
  return undefined;
}

function replyTo(decision: SwitchDecision): Reply {
  if (decision.kind === "refused") return json(decision.error, decision.status);
  return json(decision.answer, 200, decision.kind === "replayed" ? { "idempotency-replayed": "true" } : {});
}
