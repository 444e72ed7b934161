import { expect, onTestFinished, test } from "vitest";
import type { DeviceEvent } from "../../device-sim/contract.ts";
import { openEventOutbox } from "../../device-sim/event-outbox.ts";

const eventOf = (seq: number): DeviceEvent => ({
  id: `e${String(seq)}`,
  seq,
  status: "checkin",
  scent: "wood",
  at: "2026-03-01T12:00:00.000Z",
});

function openOutbox(unacked: readonly DeviceEvent[]) {
  const sent: string[] = [];
  const outbox = openEventOutbox(unacked, ({ id }) => sent.push(id));
  onTestFinished(outbox.stop);
  return { ...outbox, sent };
}

test("an event that was read from disk is not there twice when it is told of as well", () => {
  const { add, acknowledge, size, sent } = openOutbox([eventOf(1), eventOf(2)]);
  for (const seq of [2, 1, 3]) add(eventOf(seq));
  expect(size()).toBe(3);
  for (const seq of [1, 2, 3]) expect(acknowledge(`e${String(seq)}`)).toBeGreaterThanOrEqual(0);
  expect([sent, size()]).toEqual([["e2", "e3"], 0]);
});

test("what is stopped sends nothing more, and the acknowledgement of another event counts for nothing", () => {
  const { add, acknowledge, startOver, stop, size, sent } = openOutbox([]);
  add(eventOf(1));
  expect(acknowledge("e2")).toBeUndefined();
  stop();
  startOver();
  add(eventOf(2));
  expect([sent, size()]).toEqual([["e1"], 2]);
});
