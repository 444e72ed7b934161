import type { DeviceEvent } from "./contract.ts";

const FIRST_REPEAT_MS = 1_000;
const LAST_REPEAT_MS = 15_000;

export type EventOutbox = ReturnType<typeof openEventOutbox>;

/** Events that nobody acknowledged yet: the oldest is sent again and again, the next one after its acknowledgement. */
export function openEventOutbox(unacked: readonly DeviceEvent[], send: (event: DeviceEvent) => void) {
  const waiting = [...unacked];
  let repeat: NodeJS.Timeout | undefined;
  let repeatMs = FIRST_REPEAT_MS;
  let firstSentAt: number | undefined;
  let isStopped = false;

  function sendOldest(): void {
    clearTimeout(repeat);
    const [oldest] = waiting;
    if (!oldest || isStopped) return;
    firstSentAt ??= performance.now();
    repeat = setTimeout(sendOldest, repeatMs);
    repeatMs = Math.min(LAST_REPEAT_MS, repeatMs * 2);
    // At last, as it may come to the end of this outbox.
    send(oldest);
  }

  /** After a reconnect, when nobody knows what arrived. */
  function startOver(): void {
    repeatMs = FIRST_REPEAT_MS;
    sendOldest();
  }

  function add(event: DeviceEvent): void {
    // Read from disk already, where it was kept with the one before that brought this outbox about.
    if (waiting.some(({ id }) => id === event.id)) return;
    waiting.push(event);
    if (waiting.length === 1) startOver();
  }

  /** How long it waited for this, in milliseconds; `undefined` for an event that is not the one on the wire. */
  function acknowledge(eventId: string): number | undefined {
    if (waiting[0]?.id !== eventId) return undefined;
    const waitedMs = firstSentAt === undefined ? 0 : performance.now() - firstSentAt;
    firstSentAt = undefined;
    waiting.shift();
    startOver();
    return waitedMs;
  }

  function stop(): void {
    isStopped = true;
    clearTimeout(repeat);
  }

  return { add, acknowledge, startOver, stop, size: () => waiting.length };
}
