/** Flows as the device database tells of them, made of what makes its hops. */
import type { Delivery, SessionNotice, SessionView } from "../../device-db/contract.ts";
import type { DeliveryRow } from "../../device-db/delivery-store.ts";
import {
  hopOfCall,
  hopOfCommand,
  hopOfReply,
  hopOfResult,
  hopsOfEvent,
  hopsOfNotice,
  type NewHop,
} from "../../device-db/flow-hops.ts";
import { masked } from "../../device-db/mask.ts";
import { type CallResult, evidenceOf } from "../../device-db/outcome.ts";
import type { Command, DeviceEvent, Reply } from "../../device-sim/contract.ts";
import { isoTime } from "../../plumbing/clock.ts";
import { SERIAL } from "./devices.ts";

export const BEGAN = Date.parse("2026-11-30T10:01:22.000Z");

/** What the pod and the ERP do; the ERP's results come one after the other, with how long each takes. */
export type Wish = {
  n: number;
  scent: string;
  answer?: string;
  at?: number;
  pod?: "accepts" | "is silent" | { rejects: string };
  erp?: [result: CallResult, ms: number][];
  status?: DeviceEvent["status"];
};

export function idOf(kind: "a" | "b" | "c", n: number): string {
  return `01a22be6-${kind}000-7000-8000-${n.toString(16).padStart(12, "0")}`;
}

export function answered(at: number): CallResult {
  const body = { message: "Device check-in successful", serial: SERIAL, status: "checkin", timestamp: isoTime(at) };
  return { kind: "answer", status: 200, body: JSON.stringify(body) };
}

export const CUT: CallResult = {
  kind: "failure",
  connected: true,
  code: "UND_ERR_SOCKET",
  message: "other side closed",
};

/** How a command ends, and when the bot tells of it. */
const ENDS = { confirmed: 148, rejected: 120, expired: 2_085 } as const;

export function guestFlow(wish: Wish): SessionView {
  const { n, scent, answer = scent } = wish;
  const [sessionId, commandId] = [idOf("a", n), idOf("b", n)];
  const traceparent = `00-${sessionId.replaceAll("-", "")}-b4a22e6cb8152c3f-01`;
  const end = endOf(wish);
  const event = end === "confirmed" ? eventOf(wish) : undefined;
  return {
    id: sessionId,
    serial: SERIAL,
    state: "ended",
    answer,
    scent,
    command: { id: commandId, state: end },
    event: event ? { id: event.id, seq: event.seq, status: event.status, scent, at: event.at } : null,
    delivery: event ? deliveryOf(wish) : null,
    traceparent,
    hops: told([...noticesOf(wish, end, traceparent), ...commandHops(wish, traceparent), ...eventHops(wish, event)]),
  };
}

function endOf({ pod = "accepts" }: Wish): keyof typeof ENDS {
  if (pod === "is silent") return "expired";
  return pod === "accepts" ? "confirmed" : "rejected";
}

function noticesOf({ n, scent, answer = scent, at = BEGAN, pod }: Wish, end: keyof typeof ENDS, traceparent: string) {
  const notice = (step: SessionNotice["step"], after: number, more: Partial<SessionNotice> = {}) =>
    hopsOfNotice({
      notice: { sessionId: idOf("a", n), step, at: isoTime(at + after), ...more, traceparent },
      heardAt: at + after,
    });
  const reason = typeof pod === "object" ? { reason: pod.rejects } : {};
  const ended = notice("ended", 85, { answer, scent, commandId: idOf("b", n) });
  return [...notice("started", 0), ...notice("asked", 1), ...ended, ...notice(end, ENDS[end], reason)];
}

function commandHops(wish: Wish, traceparent: string) {
  const { n, at = BEGAN, pod } = wish;
  const command = commandOf(wish, traceparent);
  const handedOn = hopOfCommand(command, { at: at + 88, repeats: 0 });
  const reply = replyOf(idOf("b", n), pod, at + 103);
  if (reply) return [handedOn, hopOfReply(reply, at + 104)];
  return [handedOn, hopOfCommand({ ...command, ttlS: 118.9 }, { at: at + 1_090, repeats: 1 })];
}

function eventHops(wish: Wish, event: DeviceEvent | undefined): NewHop[] {
  const { at = BEGAN } = wish;
  return event ? [...hopsOfEvent(event, { heardAt: at + 103, keptAt: at + 112 }), ...callsOf(wish, at + 113)] : [];
}

function commandOf({ n, scent, at = BEGAN }: Wish, traceparent: string): Command {
  const ids = { id: idOf("b", n), sessionId: idOf("a", n) };
  return { ...ids, action: "checkin", scent, issuedAt: isoTime(at + 84), ttlS: 119.976, traceparent };
}

function replyOf(commandId: string, pod: Wish["pod"], at: number): Reply | undefined {
  if (pod === "is silent") return undefined;
  const outcome = typeof pod === "object" ? "rejected" : "accepted";
  return { commandId, outcome, at: isoTime(at), ...(typeof pod === "object" ? { reason: pod.rejects } : {}) };
}

function eventOf({ n, scent, status = "checkin", at = BEGAN }: Wish): DeviceEvent {
  const event = { id: idOf("c", n), seq: n, status, scent: scent as DeviceEvent["scent"], at: isoTime(at + 99) };
  return { ...event, commandId: idOf("b", n), sessionId: idOf("a", n) };
}

const RETRY_MS = 2_560;

function callsOf(wish: Wish, start: number): NewHop[] {
  const results = wish.erp ?? [[answered(start + 11), 28]];
  const row = { ...rowOf(wish), attempts: 0 } as DeliveryRow;
  let at = start;
  return results.flatMap(([result, ms], index) => {
    const isOk = result.kind === "answer" && result.status === 200;
    const isLast = index === results.length - 1;
    const called = hopOfCall({ ...row, attempts: index + 1 }, "http://127.0.0.1:35263", at);
    const state = isOk ? "delivered" : result.kind === "answer" && result.status < 500 ? "dead" : "uncertain";
    const end = { at: at + ms, part: "device database", name: state, ok: isOk, detail: evidenceOf(result) } as const;
    const again = {
      ...end,
      at: at + 2_050,
      name: "pending",
      detail: "to be sent again: the ERP knows the call by its key",
    };
    const hops = [called, hopOfResult(result, { ok: isOk, at: at + ms }), end, ...(isLast ? [] : [again])];
    at += RETRY_MS;
    return hops;
  });
}

function rowOf({ n, scent, status = "checkin" }: Wish) {
  return { id: idOf("c", n), serial: SERIAL, status, scent, start_time: null, end_time: null, traceparent: null };
}

function deliveryOf({ n, scent, status = "checkin", erp = [[answered(BEGAN), 28]] }: Wish): Delivery {
  const [last] = erp.at(-1) ?? [CUT];
  const state = last.kind === "answer" ? (last.status === 200 ? "delivered" : "dead") : "uncertain";
  const ids = { id: idOf("c", n), serial: SERIAL, sessionId: idOf("a", n) };
  return { ...ids, status, scent, state, attempts: erp.length, dueAt: null, evidence: evidenceOf(last) };
}

/** As they are kept and told: in their order, secrets masked. */
function told(hops: readonly (NewHop | undefined)[]): SessionView["hops"] {
  const there = hops.filter((hop) => hop !== undefined).sort((a, b) => a.at - b.at);
  return there.map(({ payload, ...hop }) => ({
    ...hop,
    at: isoTime(hop.at),
    payload: payload === undefined ? null : masked(payload),
  }));
}
