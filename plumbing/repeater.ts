import type { Clock } from "./clock.ts";

/** Waits between the repeats; the last one goes on until an answer comes or the time is up. */
const REPEAT_AFTER_MS = [2_000, 4_000, 8_000, 15_000];

type Message = { id: string; expiresAt: number };

type Options<T> = {
  send: (message: T, leftMs: number) => void;
  /** Nobody answered in time. */
  onExpired: (message: T) => void;
  clock: Clock;
};

type Waiting<T> = { message: T; repeats: number; leftMs: number; timer: NodeJS.Timeout | undefined };

/** Sends each message at once, and again and again until it is answered or its time is up. */
export function createRepeater<T extends Message>({ send, onExpired, clock }: Options<T>) {
  const waiting = new Map<string, Waiting<T>>();

  /** A message that waits already is sent at once, and begins anew. */
  function begin(message: T): void {
    const { timer, leftMs = Infinity } = waiting.get(message.id) ?? {};
    clearTimeout(timer);
    const entry: Waiting<T> = { message, repeats: 0, leftMs, timer: undefined };
    waiting.set(message.id, entry);
    transmit(entry, leftMs);
  }

  function transmit(entry: Waiting<T>, mostMs: number): void {
    const { message } = entry;
    // By the clock there is more than by our own timers only after it was set back.
    const leftMs = Math.min(message.expiresAt - clock.now(), mostMs);
    entry.leftMs = leftMs;
    if (leftMs > 0) send(message, leftMs);
    const pauseMs = REPEAT_AFTER_MS[Math.min(entry.repeats++, REPEAT_AFTER_MS.length - 1)] ?? 0;
    // The last timer ends it without a look at the clock: Node's timers may ring early.
    const next = pauseMs < leftMs ? () => transmit(entry, leftMs - pauseMs) : () => expire(message);
    entry.timer = setTimeout(next, Math.max(0, Math.min(pauseMs, leftMs)));
  }

  function expire(message: T): void {
    waiting.delete(message.id);
    onExpired(message);
  }

  function end(id: string): void {
    clearTimeout(waiting.get(id)?.timer);
    waiting.delete(id);
  }

  /** After a reconnect nobody knows what arrived. */
  function beginAllAgain(): void {
    for (const { message } of waiting.values()) begin(message);
  }

  function close(): void {
    for (const { timer } of waiting.values()) clearTimeout(timer);
    waiting.clear();
  }

  return { begin, find: (id: string) => waiting.get(id)?.message, end, beginAllAgain, close };
}
