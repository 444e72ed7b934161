import type { DeviceEvent } from "./contract.ts";

const FIRST_REPEAT_MS = 1_000;
const LAST_REPEAT_MS = 15_000;

/** Events that nobody acknowledged yet: the oldest is sent again and again, the next one after its acknowledgement. */
export function openEventOutbox(unacked: readonly DeviceEvent[], send: (event: DeviceEvent) => void) {
  const waiting = [...unacked];
  let repeat: NodeJS.Timeout | undefined;
  let repeatMs = FIRST_REPEAT_MS;
  let isStopped = false;

  function sendOldest(): void {
    clearTimeout(repeat);
    const [oldest] = waiting;
    if (!oldest || isStopped) return;
    send(oldest);
    repeat = setTimeout(sendOldest, repeatMs);
    repeatMs = Math.min(LAST_REPEAT_MS, repeatMs * 2);
  }

  /** After a reconnect, when nobody knows what arrived. */
  function startOver(): void {
    repeatMs = FIRST_REPEAT_MS;
    sendOldest();
  }

  function add(event: DeviceEvent): void {
    waiting.push(event);
    if (waiting.length === 1) startOver();
  }

  /** False for an event that is not the one on the wire. */
  function acknowledge(eventId: string): boolean {
    if (waiting[0]?.id !== eventId) return false;
    waiting.shift();
    startOver();
    return true;
  }

  function stop(): void {
    isStopped = true;
    clearTimeout(repeat);
  }

  return { add, acknowledge, startOver, stop };
}
