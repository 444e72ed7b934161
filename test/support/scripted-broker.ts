import { createServer, type Socket } from "node:net";
import { listen } from "../../plumbing/listen.ts";
import { bytesOf, type Packet, takePackets } from "../../plumbing/mqtt-stream.ts";

const MAX_BYTES = 1_000_000;

/** What to answer to a packet; `undefined` is nothing. */
type Answer = (packet: Packet) => Packet | undefined;

/** What a broker answers. */
export function usualAnswer(packet: Packet): Packet | undefined {
  const { cmd, messageId = 0 } = packet;
  if (cmd === "connect") return { cmd: "connack", returnCode: 0, sessionPresent: false };
  if (cmd === "subscribe") return { cmd: "suback", messageId, granted: packet.subscriptions.map(() => 1) };
  if (cmd === "publish") return { cmd: "puback", messageId };
  return cmd === "pingreq" ? { cmd: "pingresp" } : undefined;
}

/** A broker for one client that answers as it is told, and can say any bytes. */
export async function openScriptedBroker(answer: Answer = usualAnswer) {
  const packets: Packet[] = [];
  const connectedAt: number[] = [];
  let latest: Socket | undefined;
  const server = createServer({ noDelay: true }, (socket) => {
    let rest: Buffer | undefined;
    latest = socket;
    connectedAt.push(performance.now());
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      rest = takePackets(rest ? Buffer.concat([rest, chunk]) : chunk, MAX_BYTES, (packet) => {
        packets.push(packet);
        const reply = answer(packet);
        if (reply) socket.write(bytesOf(reply));
      });
    });
  });
  const port = await listen(server, { host: "127.0.0.1", port: 0, setting: "port" });
  return {
    url: `mqtt://127.0.0.1:${String(port)}`,
    packets,
    /** When each connection came. */
    connectedAt,
    ofKind: (cmd: Packet["cmd"]) => packets.filter((packet) => packet.cmd === cmd),
    say: (...bytes: Uint8Array[]) => latest?.write(Buffer.concat(bytes)),
    cut: () => latest?.destroy(),
    [Symbol.asyncDispose]: async (): Promise<void> => {
      const closed = new Promise((resolve) => server.close(resolve));
      latest?.destroy();
      await closed;
    },
  };
}

/** What a broker says on topic `a`, with QoS 1. */
export function publishBytes(payload: string, messageId = 1): Buffer {
  return bytesOf({ cmd: "publish", topic: "a", payload, qos: 1, retain: false, dup: false, messageId });
}

/** What was published, of JSON. */
export const payloadsOf = (packets: readonly Packet[]) =>
  packets.map((packet) => (packet.cmd === "publish" ? JSON.parse(packet.payload.toString()) : undefined) as unknown);
