/** What was sent over the wire, found in the hops of a flow. */
import { type SessionView, sessionTopic } from "../../device-db/contract.ts";
import { podTopic } from "../../device-sim/contract.ts";

export type Hop = SessionView["hops"][number];

export type MqttMessage = { at: string; topic: string; payload: string };

/** A call to the ERP and what came of it; without an answer there is a reason. */
export type ErpCall = { at: string; request: string; headers: [string, string][]; answer: ErpAnswer | undefined };
type ErpAnswer = { at: string; ok: boolean; isHeard: boolean; words: string; body: string | null };

export function mqttMessages({ serial, hops }: SessionView): MqttMessage[] {
  return hops.flatMap(({ at, part, name, payload }) => {
    const topic = payload === null ? undefined : topicOf({ part, name, payload }, serial);
    return topic === undefined || payload === null ? [] : { at, topic, payload };
  });
}

function topicOf({ part, name, payload }: Pick<Hop, "part" | "name"> & { payload: string }, serial: string) {
  if (part === "broker") return podTopic(serial, "down/command");
  if (part === "pod") return podTopic(serial, name === "event reported" ? "up/event" : "up/reply");
  return payload.includes('"step":') && (part === "phone" || part === "bot") ? sessionTopic(serial) : undefined;
}

export function erpCalls({ hops }: Pick<SessionView, "hops">): ErpCall[] {
  const calls: ErpCall[] = [];
  for (const { at, part, name, ok, detail, payload } of hops) {
    if (part !== "ERP") continue;
    const last = calls.at(-1);
    if (name === "called") calls.push({ at, ...requestIn(payload), answer: undefined });
    else if (last) last.answer = { at, ok, isHeard: name === "answered", words: detail, body: payload };
  }
  return calls;
}

function requestIn(payload: string | null): Pick<ErpCall, "request" | "headers"> {
  const { request = "", headers = {} } = parsed(payload) as { request?: string; headers?: Record<string, string> };
  return { request, headers: Object.entries(headers) };
}

function parsed(payload: string | null): object {
  try {
    return (JSON.parse(payload ?? "{}") ?? {}) as object;
  } catch {
    return { request: payload ?? "" };
  }
}

/** JSON with room to read it; what is none stays as it is. */
export function laidOut(payload: string): string {
  try {
    const value: unknown = JSON.parse(payload);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return payload;
    const fields = Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}: ${JSON.stringify(field)}`);
    return `{ ${fields.join(", ")} }`;
  } catch {
    return payload;
  }
}
