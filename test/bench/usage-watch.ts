import { subscribe, unsubscribe } from "node:diagnostics_channel";

type Seen = { path: string; status: number };

/** Who tells of the ERP's answers, both in this process: its client, undici, or its server. */
const SOURCES = {
  received: {
    channel: "undici:request:headers",
    read: (message: unknown): Seen => {
      const { request, response } = message as { request: { path: string }; response: { statusCode: number } };
      return { path: request.path, status: response.statusCode };
    },
  },
  answered: {
    channel: "http.server.response.finish",
    read: (message: unknown): Seen => {
      const { request, response } = message as { request: { url: string }; response: { statusCode: number } };
      return { path: request.url, status: response.statusCode };
    },
  },
};

export type UsageWatch = ReturnType<typeof watchUsages>;

/**
 * Tells when a usage is committed: at the moment when the ERP's 200 to `/device/switch`, which leaves after its commit,
 * arrives at the device database, or leaves the ERP. A pod has one flow in flight at most, so its serial is enough to
 * tell flows apart.
 */
export function watchUsages(source: keyof typeof SOURCES = "received") {
  const { channel, read } = SOURCES[source];
  const waiting = new Map<string, (at: number) => void>();

  const onAnswer = (message: unknown) => {
    const { path, status } = read(message);
    if (!path.startsWith("/device/switch?") || status !== 200) return;
    const serial = /[?&]serial=([^&]*)/.exec(path)?.[1] ?? "";
    waiting.get(serial)?.(performance.now());
  };
  subscribe(channel, onAnswer);

  return {
    /** Resolves with the `performance.now()` of the pod's next usage, or with `undefined` after `timeoutMs`. */
    next(serial: string, timeoutMs: number): Promise<number | undefined> {
      const { promise, resolve } = Promise.withResolvers<number | undefined>();
      const settle = (at: number | undefined) => {
        clearTimeout(timer);
        waiting.delete(serial);
        resolve(at);
      };
      const timer = setTimeout(settle, timeoutMs, undefined);
      waiting.set(serial, settle);
      return promise;
    },
    close: () => unsubscribe(channel, onAnswer),
  };
}
