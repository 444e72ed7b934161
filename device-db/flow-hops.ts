/** What happened, as a step that people read. */
import type { Command, DeviceEvent, Reply } from "../device-sim/contract.ts";
import type { FlowPart, SessionNotice } from "./contract.ts";
import type { DeliveryRow } from "./delivery-store.ts";
import { requestOf } from "./erp-request.ts";
import type { CallResult } from "./outcome.ts";

/** `payload` is what was sent, with its secrets. */
export type NewHop = { at: number; part: FlowPart; name: string; ok: boolean; detail: string; payload?: unknown };

/** A step of a session and when the device database heard of it. */
type Told = { notice: SessionNotice; heardAt: number };

/** What the bot tells of a command, not of the session. */
const OF_COMMAND = "command ";

export function hopsOfNotice({ notice, heardAt }: Told): NewHop[] {
  const { step, answer, scent, reason } = notice;
  // A clock of somebody else's may be ahead: nothing happens after we heard of it.
  const at = Math.min(Date.parse(notice.at), heardAt);
  const bot = { at, part: "bot", ok: true, detail: reason ?? "", payload: notice } as const;
  const phone = { at, part: "phone", ok: true } as const;
  const answered = answer === undefined ? [] : [{ ...phone, name: "answered", detail: JSON.stringify(answer) }];
  switch (step) {
    case "started":
      return [{ ...phone, name: "chat opened", detail: "", payload: notice }];
    case "asked":
      return [{ ...bot, name: "asked" }];
    case "answered":
      return answered;
    case "ended":
      return [...answered, { ...bot, name: "session ended", detail: scent ?? "" }];
    case "abandoned":
      return [{ ...bot, name: "session abandoned" }];
    case "confirmed":
      return [{ ...bot, name: `${OF_COMMAND}confirmed` }];
    case "rejected":
    case "expired":
      return [{ ...bot, name: OF_COMMAND + step, ok: false }];
  }
}

/** `repeats` is how often this command was handed on before; every further repeat says no more than the first. */
export function hopOfCommand(command: Command, { at, repeats }: { at: number; repeats: number }): NewHop | undefined {
  const hop = { at, part: "broker", ok: true, payload: command } as const;
  if (repeats === 0) return { ...hop, name: "command handed on", detail: wordsOf(command.action, command.scent) };
  return repeats === 1 ? { ...hop, name: "command repeated", detail: "the pod has not replied yet" } : undefined;
}

export function hopOfReply(reply: Reply, at: number): NewHop {
  const { outcome, reason = "" } = reply;
  const ok = outcome === "accepted" || outcome === "duplicate";
  return { at, part: "pod", name: outcome, ok, detail: reason, payload: reply };
}

/** A new event, and when it was heard and on disk; later than it happened, if its pod was away. */
export function hopsOfEvent(event: DeviceEvent, { heardAt, keptAt }: { heardAt: number; keptAt: number }): NewHop[] {
  const { status, scent, seq, at, id } = event;
  const detail = `${wordsOf(status, scent)}, happened at ${at}`;
  return [
    { at: heardAt, part: "pod", name: "event reported", ok: true, detail, payload: event },
    { at: keptAt, part: "device database", name: "event recorded", ok: true, detail: `${id}, seq ${String(seq)}` },
  ];
}

/** A call to the ERP at this origin leaves. */
export function hopOfCall(row: DeliveryRow, origin: string, at: number): NewHop {
  const { path, headers } = requestOf(row);
  const payload = { request: `GET ${origin}${path}`, headers };
  return { at, part: "ERP", name: "called", ok: true, detail: `attempt ${String(row.attempts)}`, payload };
}

/** What came of it; `ok` is whether that proves that the ERP executed it. */
export function hopOfResult(result: CallResult, { ok, at }: { ok: boolean; at: number }): NewHop {
  const hop = { at, part: "ERP", ok } as const;
  if (result.kind === "failure") return { ...hop, name: "no answer", detail: `${result.code}: ${result.message}` };
  return { ...hop, name: "answered", detail: `HTTP ${String(result.status)}`, payload: result.body };
}

type Placed = { at: number; part: FlowPart; name: string; n: number };

/** In the order of what happened: of a session's end the bot tells only behind the command that it sends. */
export function inOrder(a: Placed, b: Placed): number {
  return a.at - b.at || Number(isOfSession(b)) - Number(isOfSession(a)) || a.n - b.n;
}

function isOfSession({ part, name }: Placed): boolean {
  return part === "phone" || (part === "bot" && !name.startsWith(OF_COMMAND));
}

function wordsOf(...words: (string | undefined)[]): string {
  return words.filter((word) => word !== undefined).join(" ");
}
