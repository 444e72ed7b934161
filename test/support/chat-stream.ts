import { expect } from "vitest";
import type { ActivitySet } from "./chat-guest.ts";
import { eventually } from "./eventually.ts";

/** A WebSocket stream of a conversation, as Direct Line's clients open it. */
export function openStream(url: string) {
  const socket = new WebSocket(url);
  const sets: ActivitySet[] = [];
  const opened = Promise.withResolvers<void>();
  const end = Promise.withResolvers<"refused" | number>();
  socket.addEventListener("open", () => opened.resolve());
  socket.addEventListener("message", ({ data }) => {
    if (data !== "") sets.push(JSON.parse(String(data)) as ActivitySet);
  });
  socket.addEventListener("error", () => end.resolve("refused"));
  socket.addEventListener("close", ({ code }) => end.resolve(code));

  return {
    opened: opened.promise,
    /** How it ended: refused, or the close code. */
    ended: end.promise,
    watermark: () => sets.at(-1)?.watermark,

    /** Waits until exactly this was said, in this order: who, and the text or the type. */
    hears: (expected: readonly string[]): Promise<void> =>
      eventually(() => {
        const said = sets.flatMap(({ activities }) => activities);
        expect(said.map(({ from, text, type }) => `${from.role}: ${text ?? type}`)).toEqual(expected);
      }),

    [Symbol.asyncDispose]: async () => {
      socket.close();
      await end.promise;
    },
  };
}
