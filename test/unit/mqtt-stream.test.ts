import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesOf, type Packet, takePackets } from "../../plumbing/mqtt-stream.ts";

const MAX_BYTES = 1_000;

const publish = (payload: string): Packet => ({
  cmd: "publish",
  topic: "a/b",
  payload,
  qos: 1,
  retain: false,
  dup: false,
  messageId: 7,
});
const HELLO = bytesOf(publish("hello"));

/** What is taken of bytes that come in these pieces. */
function taken(pieces: readonly Buffer[], maxBytes = MAX_BYTES): string[] {
  const packets: string[] = [];
  let rest: Buffer | undefined;
  for (const piece of pieces) {
    const bytes = rest ? Buffer.concat([rest, piece]) : piece;
    rest = takePackets(bytes, maxBytes, (packet) =>
      packets.push(packet.cmd === "publish" ? String(packet.payload) : packet.cmd),
    );
  }
  if (rest) packets.push(`${String(rest.length)} bytes left`);
  return packets;
}

test("packets are the same, wherever the network cuts their bytes", () => {
  const packet = fc.oneof(
    fc.string({ maxLength: 300 }).map(publish),
    fc.constantFrom<Packet>({ cmd: "pingresp" }, { cmd: "puback", messageId: 9 }),
  );
  const cuts = fc.array(fc.nat(2_000), { maxLength: 20 });
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 8 }), cuts, (packets, places) => {
      const bytes = Buffer.concat(packets.map(bytesOf));
      const ends = [...places.filter((place) => place < bytes.length), bytes.length].sort((one, other) => one - other);
      const pieces = ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
      expect(taken(pieces)).toEqual(packets.map((each) => (each.cmd === "publish" ? each.payload : each.cmd)));
    }),
  );
});

test("a byte at a time, a packet is there with its last one", () => {
  const pieces = Array.from(HELLO, (_, at) => HELLO.subarray(at, at + 1));
  expect(taken(pieces.slice(0, -1))).toEqual([`${String(HELLO.length - 1)} bytes left`]);
  expect(taken(pieces)).toEqual(["hello"]);
});

test("a packet may have so many bytes, and is refused by its head when it has one more", () => {
  expect(taken([HELLO], HELLO.length)).toEqual(["hello"]);
  expect(() => taken([HELLO.subarray(0, 2)], HELLO.length - 1)).toThrow("a packet is too large");
});

test.for<[what: string, bytes: number[], problem: string]>([
  ["a length of five bytes", [0x30, 0x80, 0x80, 0x80, 0x80, 0x01], "a packet's length cannot be read"],
  ["a type that is none", [0x00, 0x00], "a packet cannot be read"],
  ["flags that are none", [0x41, 0x02, 0x00, 0x01], "a packet cannot be read"],
  ["a topic longer than its packet", [0x32, 0x03, 0x00, 0xff, 0x61], "a packet cannot be read"],
])("%s is no packet, and what came before it is taken", ([, bytes, problem]) => {
  const before: unknown[] = [];
  const both = Buffer.concat([HELLO, Buffer.from(bytes)]);
  expect(() => takePackets(both, MAX_BYTES, (packet) => before.push(packet))).toThrow(problem);
  expect(before).toHaveLength(1);
});

test("rubbish on one connection spoils nothing on another", () => {
  const body = fc.uint8Array({ maxLength: 100 });
  const framed = fc.tuple(fc.nat(255), body).map(([first, bytes]) => Buffer.from([first, bytes.length, ...bytes]));
  const rubbish = fc.oneof(
    body.map((bytes) => Buffer.from(bytes)),
    framed,
  );
  let refused = 0;
  fc.assert(
    fc.property(rubbish, (bytes) => {
      try {
        taken([bytes]);
      } catch (error) {
        expect(String(error)).toMatch(/^Error: a packet/);
        refused += 1;
      }
      expect(taken([HELLO])).toEqual(["hello"]);
    }),
    { numRuns: 3_000 },
  );
  expect(refused).toBeGreaterThan(500);
});
