/** Copies of one packet are handed on within one turn of the event loop; few others come between them. */
const REMEMBERED_PACKETS = 64;

type Packet = { retain: boolean; brokerCounter: number };

/**
 * Tells copies of one packet apart from packets that overtook each other: with two filters that match one topic a
 * client would get it twice. aedes only compares with the highest number seen, and so drops what was overtaken.
 */
export function rememberPackets(): (client: object, packet: Packet) => boolean {
  const seenBy = new WeakMap<object, { known: Set<number>; ring: number[]; at: number }>();

  return function isRepeat(client, packet) {
    // A retained message is sent again with each subscription, and should be.
    if (packet.retain) return false;
    const seen = seenBy.getOrInsertComputed(client, () => ({ known: new Set<number>(), ring: [], at: 0 }));
    const number = packet.brokerCounter;
    if (seen.known.has(number)) return true;
    seen.known.delete(seen.ring[seen.at] ?? 0);
    seen.known.add(number);
    seen.ring[seen.at] = number;
    seen.at = (seen.at + 1) % REMEMBERED_PACKETS;
    return false;
  };
}

/** In place of aedes' table of the highest numbers seen: no number is ever higher than the next. */
export function blindCounter(): Record<string, number> {
  const never = { get: () => 0, set: () => true, deleteProperty: () => true };
  return new Proxy(Object.create(null) as Record<string, number>, never);
}
