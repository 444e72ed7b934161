import { createServer, type Server, type Socket } from "node:net";
import { Aedes, type AedesOptions } from "aedes";
import mqtt, { type IClientOptions } from "mqtt";
import { startBroker } from "../../device-db/broker.ts";
import { listen } from "../../plumbing/listen.ts";
import { createLog } from "../../plumbing/log.ts";
import { OTHER_SERIAL, passwordOf, SERIAL } from "./devices.ts";
import { connectBytes, openRawClient } from "./raw-mqtt.ts";

/** Begins as the other one does. */
export const SHORT_SERIAL = "dev";

const PODS = [SERIAL, OTHER_SERIAL, SHORT_SERIAL];

/** The embedded broker, with three pods and the two services registered. */
export async function openBroker() {
  const broker = await startBroker({
    host: "127.0.0.1",
    port: 0,
    log: createLog("silent"),
    identify: (user, password) => {
      if (password !== passwordOf(user)) return undefined;
      if (user === "bot" || user === "device-db") return { role: user };
      return PODS.includes(user) ? { role: "pod", serial: user } : undefined;
    },
  });
  return { ...broker, port: Number(new URL(broker.url).port), [Symbol.asyncDispose]: broker.close };
}

/** aedes as it comes, for showing what the embedded broker adds to it. */
export async function openStockBroker(options: AedesOptions = {}, wrap = (socket: Socket): Socket => socket) {
  const aedes = await Aedes.createBroker(options);
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    aedes.handle(wrap(socket));
  });
  const port = await listen(server, { host: "127.0.0.1", port: 0, setting: "port" });
  /** Ends all connections without a word, as a broken network does. */
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const close = async () => {
    await new Promise<void>((resolve) => aedes.close(resolve));
    cut();
    await new Promise((resolve) => server.close(resolve));
  };
  return { aedes, server, port, cut, url: `mqtt://127.0.0.1:${String(port)}`, [Symbol.asyncDispose]: close };
}

/** A connection of MQTT.js that collects what it gets. */
export async function connectUser(url: string, user: string, options: IClientOptions = {}) {
  const client = await mqtt.connectAsync(url, {
    clientId: user,
    username: user,
    password: passwordOf(user),
    protocolVersion: 4,
    reconnectPeriod: 0,
    ...options,
  });
  const messages: { topic: string; payload: string; retain: boolean }[] = [];
  client.on("message", (topic, payload, { retain }) => messages.push({ topic, payload: payload.toString(), retain }));
  return { client, messages, [Symbol.asyncDispose]: () => client.endAsync(true) };
}

/** A raw connection that has introduced itself as this user. */
export async function introduceRaw(port: number, user: string, more: Partial<Parameters<typeof connectBytes>[0]> = {}) {
  const raw = await openRawClient(port);
  raw.send(connectBytes({ clientId: user, username: user, password: passwordOf(user), ...more }));
  return raw;
}
