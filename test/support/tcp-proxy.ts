import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as delay, setImmediate } from "node:timers/promises";
import { listen } from "../../plumbing/listen.ts";
import { freePorts } from "../../scripts/free-ports.ts";

type Direction = "toTarget" | "toClient";

/** What happens to the bytes of one direction; what is not said is as in a good network. */
type Trouble = {
  /** Each portion of bytes waits this long. */
  latencyMs?: number;
  /** Bytes are swallowed, the connection stays. */
  blackhole?: boolean;
  /** Bytes arrive in portions of this size. */
  slice?: number;
  /** So many bytes of a connection arrive, then both ends are reset. */
  limit?: number;
};

type Link = {
  client: Socket;
  target: Socket;
  /** What the server said first, in Latin-1. */
  opening: string;
  /** Neither end hears of the other any more. */
  isLost: boolean;
};

type Passing = { to: Socket; link: Link; carried: number; trouble: Trouble };

const DIRECTIONS: readonly Direction[] = ["toTarget", "toClient"];

/** A network in front of a server, which turns bad as it is told. */
export async function openTcpProxy(target: string) {
  const { protocol, hostname, port: targetPort } = new URL(target);
  const at = { host: hostname, port: Number(targetPort), allowHalfOpen: true, noDelay: true };
  const links = new Set<Link>();
  const troubles: Record<Direction, Trouble> = { toTarget: {}, toClient: {} };
  let going = Promise.withResolvers<void>();
  going.resolve();

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const link: Link = { client, target: connect(at), opening: "", isLost: false };
    links.add(link);
    for (const socket of [link.client, link.target]) {
      socket.on("error", () => undefined);
      socket.on("close", () => {
        if (link.client.closed && link.target.closed) links.delete(link);
      });
    }
    void carry("toTarget", link);
    void carry("toClient", link);
  });

  /** Hands on what comes until one end is gone; then the other one learns of it. */
  async function carry(direction: Direction, link: Link): Promise<void> {
    const [from, to] = direction === "toTarget" ? [link.client, link.target] : [link.target, link.client];
    let carried = 0;
    try {
      for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        if (direction === "toClient") link.opening ||= chunk.toString("latin1");
        carried += await pass(chunk, { to, link, carried, trouble: troubles[direction] });
      }
      await going.promise;
      if (!link.isLost) to.end();
    } catch {
      if (!link.isLost) to.resetAndDestroy();
    }
  }

  /** Resolves with how many bytes were handed on. */
  async function pass(chunk: Buffer, { to, link, carried, trouble }: Passing): Promise<number> {
    const { latencyMs = 0, blackhole = false, slice = chunk.length, limit = Infinity } = trouble;
    if (latencyMs > 0) await delay(latencyMs);
    await going.promise;
    if (blackhole || link.isLost) return 0;
    const bytes = chunk.subarray(0, limit - carried);
    for (let sent = 0; sent < bytes.length; sent += slice) await hand(bytes.subarray(sent, sent + slice), to);
    if (carried + bytes.length >= limit) resetBoth(link);
    return bytes.length;
  }

  // Not one that the system may give to somebody else while the proxy is down.
  const [port = 0] = await freePorts(1);
  await listen(server, { host: "127.0.0.1", port, setting: "port" });

  function down(): void {
    server.close();
    for (const { client, target: upstream } of links) for (const socket of [client, upstream]) socket.destroy();
  }

  return {
    url: `${protocol}//127.0.0.1:${String(port)}`,
    links: (): readonly Link[] => [...links],

    /** Ends every connection and refuses new ones, until `up`. */
    down,

    async up(): Promise<void> {
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
    },

    /** From now on, until `heal`. */
    trouble(trouble: Trouble, directions = DIRECTIONS): void {
      for (const direction of directions) Object.assign(troubles[direction], trouble);
    },

    heal(): void {
      for (const direction of DIRECTIONS) troubles[direction] = {};
    },

    /** Resets every connection at both ends. */
    reset: () => links.forEach(resetBoth),

    /** Both ends of every connection believe that it stands, but nothing passes any more, not even its end. */
    halfOpen(): void {
      for (const link of links) link.isLost = true;
    },

    /** Holds all bytes back until `resume`. */
    pause(): void {
      going = Promise.withResolvers();
    },
    resume: () => going.resolve(),

    async [Symbol.asyncDispose]() {
      going.resolve();
      if (!server.listening) return;
      const closed = once(server, "close");
      down();
      await closed;
    },
  };
}

function resetBoth({ client, target }: Link): void {
  for (const socket of [client, target]) socket.resetAndDestroy();
}

/** Resolves when the system has taken the bytes and the other end could have read them. */
async function hand(bytes: Buffer, to: Socket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  to.write(bytes, (error) => (error ? reject(error) : resolve()));
  await promise;
  await setImmediate();
}
