import type { Socket } from "node:net";

const MAX_PACKET_BYTES = 64 * 1024;
/** Of the first packet, with which a client introduces itself: until then nobody knows who makes us remember it. */
const MAX_CONNECT_BYTES = 8 * 1024;

/**
 * Mends two holes between a socket and aedes. aedes reads once per `readable` event, but since Node 26 `read()` gives
 * one chunk of several, so a packet split over segments stalls for good: here `read()` gives all that is buffered.
 * And aedes takes packets of any size: here a connection that announces a larger one is cut.
 */
export function guardPackets(socket: Socket, maxBytes = MAX_PACKET_BYTES): Socket {
  const read = socket.read.bind(socket);
  const fits = packetGauge(maxBytes, Math.min(maxBytes, MAX_CONNECT_BYTES));
  socket.read = (size?: number | null) => {
    const chunk = read(size ?? (socket.readableLength || undefined)) as Buffer | null;
    if (chunk === null || fits(chunk)) return chunk;
    socket.destroy();
    return null;
  };
  return socket;
}

/** Follows the MQTT frames of one byte stream; false as soon as one announces more than it may (MQTT 3.1.1 §2.2.3). */
export function packetGauge(maxBytes: number, maxFirstBytes = maxBytes): (chunk: Uint8Array) => boolean {
  let limit = maxFirstBytes;
  let inLength = false;
  let length = 0;
  let multiplier = 1;
  let bodyLeft = 0;

  function readLengthByte(byte: number): boolean {
    length += (byte & 127) * multiplier;
    multiplier *= 128;
    if (length > limit || multiplier > 128 ** 4) return false;
    if (byte < 128) {
      inLength = false;
      bodyLeft = length;
      limit = maxBytes;
    }
    return true;
  }

  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (bodyLeft > 0) {
        const skipped = Math.min(bodyLeft, chunk.length - at);
        bodyLeft -= skipped;
        at += skipped;
      } else if (inLength) {
        if (!readLengthByte(chunk[at++] ?? 0)) return false;
      } else {
        at += 1;
        inLength = true;
        length = 0;
        multiplier = 1;
      }
    }
    return true;
  };
}
