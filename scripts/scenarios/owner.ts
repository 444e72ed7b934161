/** What to ask those who run an ERP that nobody here can read. */
import { parseJson } from "../../plumbing/json.ts";
import type { Outcome } from "./outcome.ts";

type Call = { at: string; request: string; answer: string };

/** One sentence to send to them, or `undefined` when the ERP was not called. */
export function sentenceForOwner({ flows, serial }: Outcome): string | undefined {
  const calls = flows.flatMap(callsIn);
  if (calls.length === 0) return undefined;
  const list = calls.map(({ at, request, answer }) => `${request} at ${at}, which ${answer}`).join("; ");
  const usages = calls.length === 1 ? "one device usage" : "what belongs to these calls, and nothing twice";
  return `Please look whether your ERP holds ${usages} for ${serial}: it was sent ${list}.`;
}

function callsIn({ hops }: Outcome["flows"][number]): Call[] {
  const ofErp = hops.filter(({ part }) => part === "ERP");
  return ofErp.flatMap(({ name, at, payload }, index) => {
    if (name !== "called") return [];
    const { request = "" } = (parseJson(payload ?? "") ?? {}) as { request?: string };
    return [{ at, request, answer: answerOf(ofErp[index + 1]) }];
  });
}

function answerOf(hop: Outcome["flows"][number]["hops"][number] | undefined): string {
  if (hop?.name !== "answered") return `was not answered${hop ? ` (${hop.detail})` : ""}`;
  return `was answered ${hop.detail}${hop.payload === null ? "" : ` ${hop.payload}`}`;
}
