import { connect } from "node:net";

/** A request as it goes over the wire, whether HTTP allows it or not. */
export type RawRequest = {
  method: string;
  target: string;
  headers: readonly (readonly [name: string, value: string])[];
  body: string;
};

/** What asks for a WebSocket. */
export const UPGRADE = [
  ["connection", "Upgrade"],
  ["upgrade", "websocket"],
  ["sec-websocket-version", "13"],
  ["sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="],
] as const;

const DEADLINE_MS = 5_000;
/** The status of an answer; those that only announce another one are skipped. */
const STATUS_LINE = /(?:^|\r\n\r\n)HTTP\/1\.1 (101|[2-9]\d\d) /;

/**
 * Resolves with the status of the answer, 0 when the server closed without one.
 *
 * @throws when neither comes in time
 */
export function sendRaw(origin: string, request: RawRequest, deadlineMs = DEADLINE_MS): Promise<number> {
  const { hostname, port, host } = new URL(origin);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const socket = connect({ host: hostname, port: Number(port) });
  const tooLate = setTimeout(() => reject(new Error(`No answer within ${String(deadlineMs)} ms.`)), deadlineMs);
  let answer = "";
  socket.setEncoding("latin1");
  socket.on("data", (text: string) => {
    answer += text;
    const [, status] = STATUS_LINE.exec(answer) ?? [];
    if (status) resolve(Number(status));
  });
  // A server may close while it is still being written to.
  socket.on("error", () => undefined);
  socket.on("close", () => resolve(0));
  socket.write(bytesOf(request, host));
  return promise.finally(() => {
    clearTimeout(tooLate);
    socket.destroy();
  });
}

function bytesOf({ method, target, headers, body }: RawRequest, host: string): Buffer {
  const payload = Buffer.from(body);
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  const usual: [string, string][] = [
    ["host", host],
    ["connection", "close"],
    ...(payload.length > 0 ? [["content-length", String(payload.length)] as [string, string]] : []),
  ];
  const lines = [...usual.filter(([name]) => !names.has(name)), ...headers].map((header) => header.join(": "));
  return Buffer.concat([Buffer.from([`${method} ${target} HTTP/1.1`, ...lines, "", ""].join("\r\n")), payload]);
}
