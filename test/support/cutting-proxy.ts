import { connect, createServer, type Socket } from "node:net";
import { listen } from "../../plumbing/listen.ts";

/** How a WebSocket is lost: closed with a code, or broken without a word. */
export type Cut = 1000 | 1001 | "broken";

type Link = { client: Socket; upstream: Socket; isStream: boolean };

/** Between a browser and a server, at whose place it ends connections as servers and networks do. */
export async function openCuttingProxy(target: string) {
  const { hostname, port: targetPort } = new URL(target);
  const links = new Set<Link>();
  let isDown = false;

  const server = createServer((client) => {
    client.on("error", () => client.destroy());
    if (isDown) return void client.destroy();
    const upstream = connect({ host: hostname, port: Number(targetPort) });
    const link: Link = { client, upstream, isStream: false };
    links.add(link);
    upstream.once("data", (first) => {
      link.isStream = first.toString("latin1").startsWith("HTTP/1.1 101");
    });
    client.pipe(upstream);
    upstream.pipe(client);
    upstream.on("error", () => client.destroy());
    upstream.on("close", () => client.end());
    client.on("close", () => {
      upstream.destroy();
      links.delete(link);
    });
  });
  const port = await listen(server, { host: "127.0.0.1", port: 0, setting: "port" });
  const streams = () => [...links].filter(({ isStream }) => isStream);

  return {
    url: `http://127.0.0.1:${String(port)}`,

    streams: () => streams().length,

    /** Ends every stream. */
    cutStreams(how: Cut): void {
      for (const { client, upstream } of streams()) {
        upstream.unpipe(client);
        if (how === "broken") client.destroy();
        else client.end(closeFrame(how));
      }
    },

    /** Ends every connection, and refuses new ones until told otherwise. */
    setDown(down: boolean): void {
      isDown = down;
      if (down) for (const { client } of links) client.destroy();
    },

    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const { client } of links) client.destroy();
      await closed;
    },
  };
}

/** A server's close frame, RFC 6455 §5.5.1. */
function closeFrame(code: number): Buffer {
  const frame = Buffer.from([0x88, 0x02, 0, 0]);
  frame.writeUInt16BE(code, 2);
  return frame;
}
