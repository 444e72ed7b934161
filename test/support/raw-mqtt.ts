import { once } from "node:events";
import { connect } from "node:net";
import { eventually } from "./eventually.ts";

/** Packet types of MQTT 3.1.1 §2.2.1. */
export const CONNACK = 2;
export const PUBLISH = 3;
export const PUBACK = 4;
export const SUBACK = 9;

type Packet = { type: number; flags: number; body: Buffer };

type Connect = {
  clientId: string;
  username?: string;
  password?: string;
  clean?: boolean;
  level?: number;
  will?: { topic: string; payload: string };
};

/** Bytes as no client library would send them, and a socket to send them on. */
export async function openRawClient(port: number) {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const packets: Packet[] = [];
  let unread: Buffer = Buffer.alloc(0);
  socket.on("data", (bytes: Buffer) => {
    unread = Buffer.concat([unread, bytes]);
    for (let packet = takePacket(unread); packet; packet = takePacket(unread)) {
      packets.push(packet);
      unread = unread.subarray(packet.bytes);
    }
  });
  socket.on("error", () => undefined);
  await once(socket, "connect");

  const ofType = (type: number) => packets.filter((packet) => packet.type === type);
  return {
    socket,
    ofType,
    send: (...bytes: Buffer[]) => socket.write(Buffer.concat(bytes)),
    /** The first packet of this type that came or comes. */
    first: (type: number, deadlineMs = 2_000): Promise<Packet> =>
      eventually(() => {
        const [packet] = ofType(type);
        if (packet) return packet;
        throw new Error(
          `No packet of type ${String(type)} came, but ${JSON.stringify(packets.map((seen) => seen.type))}.`,
        );
      }, deadlineMs),
    /** Waits until the other side has ended the connection. */
    cut: (deadlineMs = 2_000) =>
      eventually(() => {
        if (!socket.closed) throw new Error("The connection is still open.");
      }, deadlineMs),
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

export function connectBytes({ clientId, username, password, clean = true, level = 4, will }: Connect): Buffer {
  const flags =
    (clean ? 0x02 : 0) | (will ? 0x0c : 0) | (password === undefined ? 0 : 0x40) | (username === undefined ? 0 : 0x80);
  // Version 5 has a table of properties here; it is empty.
  const properties = Buffer.alloc(level === 5 ? 1 : 0);
  const fields = [clientId, ...(will ? [will.topic, will.payload] : []), username, password];
  const given = fields.filter((field) => field !== undefined).map(text);
  return packet(0x10, text("MQTT"), Buffer.from([level, flags, 0, 60]), properties, ...given);
}

/** With QoS 1. */
export function publishBytes(
  topic: string,
  payload: string | Buffer,
  { id = 1, retain = false }: { id?: number; retain?: boolean } = {},
): Buffer {
  return packet(0x32 | (retain ? 1 : 0), text(topic), uint16(id), Buffer.from(payload));
}

export function subscribeBytes(...filters: string[]): Buffer {
  return packet(0x82, uint16(1), ...filters.map((filter) => Buffer.concat([text(filter), Buffer.from([1])])));
}

/** The head of a PUBLISH that announces a body of this many bytes. */
export function publishHead(bodyBytes: number): Buffer {
  return Buffer.from([0x30, ...lengthOf(bodyBytes)]);
}

function packet(first: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([first, ...lengthOf(body.length)]), body]);
}

function lengthOf(bytes: number): number[] {
  const rest = Math.floor(bytes / 128);
  return rest > 0 ? [(bytes % 128) | 128, ...lengthOf(rest)] : [bytes];
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint16(bytes.length), bytes]);
}

function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

function takePacket(bytes: Buffer): (Packet & { bytes: number }) | undefined {
  let length = 0;
  for (let at = 1; at < Math.min(bytes.length, 5); at++) {
    const byte = bytes[at] ?? 0;
    length += (byte & 127) * 128 ** (at - 1);
    if (byte >= 128) continue;
    const end = at + 1 + length;
    if (bytes.length < end) return undefined;
    const first = bytes[0] ?? 0;
    return { type: first >> 4, flags: first & 15, body: bytes.subarray(at + 1, end), bytes: end };
  }
  return undefined;
}
