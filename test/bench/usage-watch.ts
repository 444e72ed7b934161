import { subscribe, unsubscribe } from "node:diagnostics_channel";

/** undici tells here of the first line and headers of every response. */
const HEADERS_CHANNEL = "undici:request:headers";

type HeadersMessage = { request: { path: string }; response: { statusCode: number } };

export type UsageWatch = ReturnType<typeof watchUsages>;

/**
 * Tells when a usage is committed: at the moment when the ERP's 200 to `/device/switch`, which leaves after its commit,
 * arrives at the device database. A pod has one flow in flight at most, so its serial is enough to tell flows apart.
 */
export function watchUsages() {
  const waiting = new Map<string, (at: number) => void>();

  const onHeaders = (message: unknown) => {
    const { request, response } = message as HeadersMessage;
    if (!request.path.startsWith("/device/switch?") || response.statusCode !== 200) return;
    const serial = /[?&]serial=([^&]*)/.exec(request.path)?.[1] ?? "";
    waiting.get(serial)?.(performance.now());
  };
  subscribe(HEADERS_CHANNEL, onHeaders);

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
    close: () => unsubscribe(HEADERS_CHANNEL, onHeaders),
  };
}
