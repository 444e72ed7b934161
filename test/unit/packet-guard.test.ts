import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { packetGauge } from "../../device-db/packet-guard.ts";
import { publishHead } from "../support/raw-mqtt.ts";

const MAX_BYTES = 20_000;

/** A PUBLISH with a body of this length. */
function packet(bodyBytes: number): Buffer {
  // A body of bytes that would be lengths with more to come, should the gauge ever lose its place.
  return Buffer.concat([publishHead(bodyBytes), Buffer.alloc(bodyBytes, 0xff)]);
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return sorted.slice(1).map((end, at) => bytes.subarray(sorted[at], end));
}

const fitting = fc.oneof(fc.nat(300), fc.constantFrom(0, 127, 128, 16_383, 16_384, MAX_BYTES), fc.nat(MAX_BYTES));
const packets = fc.array(fitting.map(packet), { minLength: 1, maxLength: 5 }).map((list) => Buffer.concat(list));
const places = fc.array(fc.nat(), { maxLength: 20 });

describe("the gauge", () => {
  test("lets any packets pass, however their bytes are split", () => {
    fc.assert(
      fc.property(packets, places, (bytes, cuts) => {
        const fits = packetGauge(MAX_BYTES);
        expect(cut(bytes, cuts).every((chunk) => fits(chunk))).toBe(true);
      }),
    );
  });

  test("lets packets pass that come byte by byte", () => {
    const fits = packetGauge(MAX_BYTES);
    const bytes = Buffer.concat([0, 1, 127, 128, 129, 16_384, 0].map(packet));
    for (let at = 0; at < bytes.length; at++) expect(fits(bytes.subarray(at, at + 1))).toBe(true);
  });

  test("refuses a larger packet by its announcement, wherever it stands and however it is split", () => {
    const tooLarge = fc.integer({ min: MAX_BYTES + 1, max: 268_435_455 });
    fc.assert(
      fc.property(packets, tooLarge, places, (before, bytes, cuts) => {
        const fits = packetGauge(MAX_BYTES);
        const header = Buffer.concat([before, publishHead(bytes)]);
        expect(cut(header, cuts).every((chunk) => fits(chunk))).toBe(false);
      }),
    );
  });

  test("refuses a length of five bytes", () => {
    const fits = packetGauge(MAX_BYTES);
    expect(fits(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x00]))).toBe(false);
  });
});
