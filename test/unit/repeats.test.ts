import { expect, test } from "vitest";
import { rememberPackets } from "../../device-db/repeats.ts";

const packets = (count: number) => Array.from({ length: count }, (_, n) => ({ retain: false, brokerCounter: n + 1 }));

test("the last 64 packets of a client are known again, those of another client are not", () => {
  const isRepeat = rememberPackets();
  const [client, another] = [{}, {}];
  expect(packets(64).map((packet) => isRepeat(client, packet))).not.toContain(true);
  expect(packets(64).map((packet) => isRepeat(client, packet))).not.toContain(false);
  expect(packets(64).map((packet) => isRepeat(another, packet))).not.toContain(true);
  isRepeat(client, { retain: false, brokerCounter: 65 });
  expect(isRepeat(client, { retain: false, brokerCounter: 1 })).toBe(false);
});

test("a retained packet may come again and again", () => {
  const isRepeat = rememberPackets();
  const [client, packet] = [{}, { retain: true, brokerCounter: 1 }];
  expect([1, 2].map(() => isRepeat(client, packet))).toEqual([false, false]);
});
