import type { Duplex } from "node:stream";
import type { MqttAccount } from "./mqtt.ts";
import { bytesOf, openStream, type Packet, REFUSALS, takePackets } from "./mqtt-stream.ts";

const DEADLINE_MS = 5_000;
const GOODBYE_MS = 200;
const MAX_PACKET_BYTES = 256 * 1024;
const NOT_GRANTED = 128;
/** Reason codes of MQTT 5 §3.2.2.2, in the words of those of 3.1.1. */
const REFUSALS_5: Record<number, string> = {
  0x84: "Connection refused: Unsupported protocol version",
  0x85: "Connection refused: Client identifier not valid",
  0x86: "Connection refused: Bad user name or password",
  0x87: "Connection refused: Not authorized",
  0x88: "Connection refused: Server unavailable",
  0x8a: "Connection refused: Banned",
};

type Errand = {
  /** Without a user name and password it is nobody's. */
  account: Pick<MqttAccount, "url" | "ca" | "clientId"> & { username?: string; password?: string };
  version: 4 | 5;
  /** Topics and filters that are subscribed one after the other; with version 4 only. */
  asks?: readonly string[];
  /** How long what is retained there may take to come. */
  listenMs?: number;
};

export type Visit =
  | { state: "unreached"; reason: string }
  | { state: "refused"; code: number; reason: string }
  /** What is in neither list was not answered. */
  | { state: "admitted"; granted: string[]; denied: string[]; heard: { topic: string; text: string }[] };

/**
 * One look at a broker: introduces itself, subscribes, listens for a moment and goes. It publishes nothing, leaves no will
 * and no session. Resolves within a few seconds, whatever the broker does.
 */
export function visitBroker(errand: Errand): Promise<Visit> {
  const { promise, resolve } = Promise.withResolvers<Visit>();
  const stream = openStream(errand.account);
  const talk = converse(errand, { send: (packet) => send(stream, packet), done: finish });
  const deadline = setTimeout(() => finish(talk.outcome("no answer within five seconds")), DEADLINE_MS);
  let trouble = "the connection ended";
  let rest: Buffer | undefined;

  function finish(visit: Visit): void {
    clearTimeout(deadline);
    resolve(visit);
    if (visit.state === "admitted") send(stream, { cmd: "disconnect" });
    stream.end();
    setTimeout(() => stream.destroy(), GOODBYE_MS).unref();
  }

  stream.on("data", (chunk: Buffer) => {
    try {
      rest = takePackets(rest ? Buffer.concat([rest, chunk]) : chunk, MAX_PACKET_BYTES, talk.take);
    } catch (error) {
      stream.destroy(error as Error);
    }
  });
  stream.on("error", (error: Error & { code?: unknown }) => {
    // When all addresses of a name refuse, the error has no message of its own.
    trouble = error.message || String(error.code);
  });
  stream.on("close", () => finish(talk.outcome(trouble)));
  send(stream, introduction(errand));
  return promise;
}

/** What is said to a broker that answers; `outcome` is how it stands, and the reason counts if there was no answer yet. */
function converse(
  { asks = [], listenMs = 0 }: Errand,
  { send: say, done }: { send: (packet: Packet) => void; done: (visit: Visit) => void },
) {
  const granted: string[] = [];
  const denied: string[] = [];
  const heard: { topic: string; text: string }[] = [];
  let asked = 0;
  let isIn = false;

  const outcome = (reason: string): Visit =>
    isIn ? { state: "admitted", granted, denied, heard } : { state: "unreached", reason };

  function askNext(): void {
    const topic = asks[asked];
    if (topic === undefined) return void setTimeout(() => done(outcome("")), listenMs);
    asked += 1;
    say({ cmd: "subscribe", messageId: asked, subscriptions: [{ topic, qos: 0 }] });
  }

  function take(packet: Packet): void {
    if (packet.cmd === "connack") {
      const code = packet.returnCode ?? 0;
      if (code !== 0) return done({ state: "refused", code, reason: refusal(code) });
      isIn = true;
      askNext();
    }
    if (packet.cmd === "suback") {
      const isGranted = packet.granted.every((code) => Number(code) < NOT_GRANTED);
      (isGranted ? granted : denied).push(asks[asked - 1] ?? "");
      askNext();
    }
    if (packet.cmd === "publish") heard.push({ topic: packet.topic, text: packet.payload.toString() });
  }

  return { take, outcome };
}

function introduction({ account, version }: Errand): Packet {
  const { clientId, username, password } = account;
  return {
    cmd: "connect",
    protocolId: "MQTT",
    protocolVersion: version,
    clean: true,
    keepalive: 30,
    clientId,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: Buffer.from(password) }),
  };
}

function refusal(code: number): string {
  return REFUSALS[code] ?? REFUSALS_5[code] ?? `Connection refused: code ${String(code)}`;
}

function send(stream: Duplex, packet: Packet): void {
  if (stream.writable) stream.write(bytesOf(packet));
}
