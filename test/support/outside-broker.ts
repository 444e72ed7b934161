import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer } from "node:tls";
import { Aedes } from "aedes";
import { createWebSocketStream, WebSocketServer } from "ws";
import { guardPackets } from "../../device-db/packet-guard.ts";
import { blindCounter } from "../../device-db/repeats.ts";
import { listen } from "../../plumbing/listen.ts";
import { freePorts } from "../../scripts/free-ports.ts";

export const SCHEMES = ["mqtt", "mqtts", "ws", "wss"] as const;
type Scheme = (typeof SCHEMES)[number];

const tlsFile = (name: string) => join(import.meta.dirname, "tls", name);
/** The authority behind the broker's certificate, and one that is not. */
export const CA_FILE = tlsFile("ca.pem");
export const OTHER_CA_FILE = tlsFile("other-ca.pem");
export const CERTIFICATE_FILE = tlsFile("server.pem");
export const KEY_FILE = tlsFile("server-key.pem");

const REFUSED = Object.assign(new Error("refused"), { returnCode: 5 });

/** A broker that others run, by any way in; it can be stopped, and started again without what it remembered. */
export async function openOutsideBroker(scheme: Scheme = "mqtt") {
  const [port = 0] = await freePorts(1);
  const clients: { id: string; username: string }[] = [];
  let admits = (_username: string, _password: string): boolean => true;
  let running: Awaited<ReturnType<typeof start>> | undefined;

  async function start() {
    const aedes = await Aedes.createBroker({
      preConnect: (client, packet, done) => {
        clients.push({ id: client.id || packet.clientId, username: packet.username ?? "" });
        done(null, true);
      },
      authenticate: (...[, username = "", password, done]) =>
        admits(username, String(password)) ? done(null, true) : done(REFUSED, null),
    });
    aedes.on("client", (client) => void Object.assign(client, { duplicates: blindCounter() }));
    const sockets = new Set<Socket>();
    const server = serverOf(scheme, (stream) => {
      stream.on("error", () => undefined);
      aedes.handle(guardPackets(stream as Socket));
    });
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
    });
    await listen(server, { host: "127.0.0.1", port, setting: "port" });
    return { aedes, server, sockets };
  }

  async function stop(): Promise<void> {
    if (!running) return;
    const { aedes, server, sockets } = running;
    running = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => aedes.close(resolve));
    await closed;
  }

  running = await start();
  return {
    port,
    url: `${scheme}://127.0.0.1:${String(port)}`,
    /** Who asked to be let in, in their order. */
    clients,
    letIn: (rule: typeof admits): void => {
      admits = rule;
    },
    stop,
    start: async (): Promise<void> => {
      running ??= await start();
    },
    [Symbol.asyncDispose]: stop,
  };
}

function serverOf(scheme: Scheme, handle: (stream: Duplex) => void): Server {
  const identity = { key: readFileSync(KEY_FILE), cert: readFileSync(CERTIFICATE_FILE) };
  switch (scheme) {
    case "mqtt":
      return createServer({ noDelay: true }, handle);
    case "mqtts":
      return createTlsServer({ ...identity, noDelay: true }, handle);
    case "ws":
      return overWebSocket(createHttpServer(), handle);
    case "wss":
      return overWebSocket(createHttpsServer(identity), handle);
  }
}

function overWebSocket(server: ReturnType<typeof createHttpServer>, handle: (stream: Duplex) => void): Server {
  const sockets = new WebSocketServer({ server, handleProtocols: () => "mqtt" });
  sockets.on("connection", (socket) => handle(createWebSocketStream(socket)));
  return server;
}
