import { openTcpProxy } from "./tcp-proxy.ts";

/** How a WebSocket is lost: closed with a code, or broken without a word. */
export type Cut = 1000 | 1001 | "broken";

/** Between a browser and a server, at whose place it ends WebSockets as servers and networks do. */
export async function openCuttingProxy(target: string) {
  const proxy = await openTcpProxy(target);
  const streams = () => proxy.links().filter(({ opening, isLost }) => !isLost && opening.startsWith("HTTP/1.1 101"));

  return {
    ...proxy,

    streams: () => streams().length,

    cutStreams(how: Cut): void {
      for (const link of streams()) {
        link.isLost = true;
        link.target.destroy();
        if (how === "broken") link.client.destroy();
        else link.client.end(closeFrame(how));
      }
    },
  };
}

/** A server's close frame, RFC 6455 §5.5.1. */
function closeFrame(code: number): Buffer {
  const frame = Buffer.from([0x88, 0x02, 0, 0]);
  frame.writeUInt16BE(code, 2);
  return frame;
}
