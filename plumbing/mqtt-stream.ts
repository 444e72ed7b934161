import { connect as connectTcp } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { parser as createParser, generate, type Packet } from "mqtt-packet";
import { createWebSocketStream, WebSocket } from "ws";
import type { MqttAccount } from "./mqtt.ts";

export type { Packet } from "mqtt-packet";

/** The bytes of a packet. */
export const bytesOf = (packet: Packet): Buffer => generate(packet);

const PORTS: Record<string, number> = { "mqtt:": 1883, "mqtts:": 8883 };

/** CONNACK codes of MQTT 3.1.1 §3.2.2.3, in the words of MQTT.js. */
export const REFUSALS: Record<number, string> = {
  1: "Connection refused: Unacceptable protocol version",
  2: "Connection refused: Identifier rejected",
  3: "Connection refused: Server unavailable",
  4: "Connection refused: Bad username or password",
  5: "Connection refused: Not authorized",
};
/** Of these, what another password may mend. */
export const WRONG_CREDENTIALS = [4, 5];

export type Will = { topic: string; payload: unknown };

/** What a client introduces itself with: no session at the broker, a will of QoS 1 that is kept (MQTT 3.1.1 §3.1). */
export function connectPacket(
  { clientId, username, password }: Pick<MqttAccount, "clientId" | "username" | "password">,
  { will, keepaliveS }: { will: Will; keepaliveS: number },
): Packet {
  return {
    cmd: "connect",
    protocolId: "MQTT",
    protocolVersion: 4,
    clean: true,
    keepalive: keepaliveS,
    clientId,
    username,
    password: Buffer.from(password),
    will: { topic: will.topic, payload: JSON.stringify(will.payload), qos: 1, retain: true },
  };
}

/** One for all: whoever asks it hands in whole packets. */
let parser = openParser();
const parsed: Packet[] = [];

/** A connection to the broker of an account, by whichever way its URL names. */
export function openStream({ url, ca }: Pick<MqttAccount, "url" | "ca">): Duplex {
  const { protocol, hostname, port } = new URL(url);
  const trust = ca === undefined ? {} : { ca };
  if (protocol.startsWith("ws")) {
    const stream = createWebSocketStream(new WebSocket(url, "mqtt", trust));
    // By itself it stays half open when the other side has gone.
    return stream.on("end", () => stream.destroy());
  }
  const host = hostname.replace(/^\[|\]$/g, "");
  const address = { host, port: Number(port) || (PORTS[protocol] ?? 0) };
  if (protocol === "mqtt:") return connectTcp({ ...address, noDelay: true });
  const secure = connectTls({
    ...address,
    ...trust,
    servername: /[a-z]/i.test(host) && !host.includes(":") ? host : "",
  });
  return secure.setNoDelay(true);
}

/**
 * Hands over each whole packet at the beginning of the bytes, and returns what is left of them.
 *
 * @throws {Error} when these are no MQTT packets, or one is larger than `maxBytes`
 */
export function takePackets(bytes: Buffer, maxBytes: number, take: (packet: Packet) => void): Buffer | undefined {
  let at = 0;
  while (at < bytes.length) {
    const end = endOfPacket(bytes, at);
    if (end !== undefined && end - at > maxBytes) throw new Error("a packet is too large");
    if (end === undefined || end > bytes.length) return bytes.subarray(at);
    take(parse(bytes.subarray(at, end)));
    at = end;
  }
  return undefined;
}

/** Where the packet that begins here ends; `undefined` when its length is not here yet (MQTT 3.1.1 §2.2.3). */
function endOfPacket(bytes: Buffer, start: number): number | undefined {
  let length = 0;
  for (let digit = 0; digit < 4; digit++) {
    const byte = bytes[start + 1 + digit];
    if (byte === undefined) return undefined;
    length += (byte & 127) * 128 ** digit;
    if (byte < 128) return start + 2 + digit + length;
  }
  throw new Error("a packet's length cannot be read");
}

function parse(bytes: Buffer): Packet {
  parser.parse(bytes);
  const packet = parsed.pop();
  if (packet) return packet;
  // It may keep what it could not read, and would put it before the next packet, whoever's that is.
  parser = openParser();
  throw new Error("a packet cannot be read");
}

function openParser() {
  const opened = createParser({ protocolVersion: 4 });
  opened.on("packet", (packet: Packet) => parsed.push(packet));
  opened.on("error", () => undefined);
  return opened;
}
