import { connect, createServer, type Socket } from "node:net";
import { listen } from "../../plumbing/listen.ts";

export type Network = { bitsPerSecond: number; roundTripMs: number };

/**
 * A way to a server that is as slow as a phone's: latency, and one rate for all connections together. The browser's own
 * throttling leaves WebSockets and the opening of connections as fast as they are.
 */
export async function openSlowNetwork(target: string, network: Network) {
  const { hostname, port: targetPort } = new URL(target);
  const sockets = new Set<Socket>();
  const up = createLane(network);
  const down = createLane(network);

  const server = createServer((client) => {
    const upstream = connect({ host: hostname, port: Number(targetPort), noDelay: true });
    client.setNoDelay(true);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
    }
    client.on("close", () => upstream.destroy());
    // Opening a connection takes a way there and back.
    const opened = performance.now() + network.roundTripMs;
    up(client, upstream, opened);
    down(upstream, client, opened);
  });
  const port = await listen(server, { host: "127.0.0.1", port: 0, setting: "port" });

  return {
    url: `http://127.0.0.1:${String(port)}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** One direction: what comes waits for the line to be free, for its own length, and for the way. */
function createLane({ bitsPerSecond, roundTripMs }: Network) {
  let freeAt = 0;
  return (from: Socket, to: Socket, opened: number): void => {
    from.on("data", (chunk) => {
      const startsAt = Math.max(performance.now(), opened, freeAt);
      freeAt = startsAt + (chunk.length * 8_000) / bitsPerSecond;
      setTimeout(() => to.write(chunk), freeAt + roundTripMs / 2 - performance.now());
    });
    from.on("end", () => setTimeout(() => to.end(), Math.max(freeAt - performance.now(), 0) + roundTripMs / 2));
  };
}
