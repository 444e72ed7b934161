import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accessOf, clientIdFits } from "../../device-db/access.ts";
import { SERIAL } from "../support/devices.ts";

const pod = accessOf({ role: "pod", serial: SERIAL });
const ACCESS = { pod, bot: accessOf({ role: "bot" }), "device-db": accessOf({ role: "device-db" }) };
type Who = keyof typeof ACCESS;

const at = (name: string, serial = SERIAL) => `aromapod/v1/${serial}/${name}`;

describe("publishing", () => {
  test.for<[who: Who, topic: string, plain: boolean, retained: boolean]>([
    ["pod", at("up/reply"), true, false],
    ["pod", at("up/event"), true, false],
    ["pod", at("up/state"), true, true],
    ["pod", at("up/status"), true, true],
    ["pod", at("up/other"), false, false],
    ["pod", at("up/event/more"), false, false],
    ["pod", at("down/command"), false, false],
    ["pod", at("down/event-ack"), false, false],
    ["pod", at("device"), false, false],
    ["pod", at("session"), false, false],
    ["pod", at("up/event", "HKAP0100000002"), false, false],
    ["pod", `x/${at("up/event")}`, false, false],
    ["pod", `${at("up/event")}\n`, false, false],
    ["pod", "$SYS/broker", false, false],
    ["bot", at("down/command"), true, false],
    ["bot", at("session"), true, false],
    ["bot", at("down/event-ack"), false, false],
    ["bot", at("up/event"), false, false],
    ["bot", at("up/status"), false, false],
    ["bot", at("device"), false, false],
    ["device-db", at("down/command"), true, false],
    ["device-db", at("down/event-ack"), true, false],
    ["device-db", at("device"), true, true],
    ["device-db", at("up/event"), false, false],
    ["device-db", at("session"), false, false],
  ])("by %s to %j is allowed: %j, and retained: %j", ([who, topic, plain, retained]) => {
    expect([false, true].map((retain) => ACCESS[who].mayPublish(topic, retain))).toEqual([plain, retained]);
  });
});

describe("subscribing", () => {
  test.for<[who: Who, filter: string, allowed: boolean]>([
    ["pod", at("down/command"), true],
    ["pod", at("down/event-ack"), true],
    ["pod", at("down/+"), true],
    ["pod", at("down/#"), true],
    ["pod", at("up/event"), false],
    ["pod", at("#"), false],
    ["pod", at("down/#", "+"), false],
    ["pod", at("down/#", "HKAP0100000002"), false],
    ["pod", at("device"), false],
    ["bot", at("up/reply", "+"), true],
    ["bot", at("up/status", "+"), true],
    ["bot", at("up/state", "+"), true],
    ["bot", at("device", "+"), true],
    ["bot", at("device"), true],
    ["bot", at("up/event", "+"), false],
    ["bot", at("down/command", "+"), false],
    ["device-db", at("up/event", "+"), true],
    ["device-db", at("up/state", "+"), true],
    ["device-db", at("session", "+"), true],
    ["device-db", at("down/command", "+"), true],
    ["device-db", at("down/event-ack", "+"), false],
  ])("by %s to %j is allowed: %j", ([who, filter, allowed]) => {
    expect(ACCESS[who].maySubscribe(filter)).toBe(allowed);
  });

  test.for([
    "#",
    "+/#",
    "+/+/+/up/event",
    "aromapod/#",
    "aromapod/v1/#",
    "aromapod/v1/+/#",
    "$SYS/#",
    "$share/a/#",
    "",
  ])("nobody may subscribe %j", (filter) => {
    for (const access of Object.values(ACCESS)) expect(access.maySubscribe(filter)).toBe(false);
  });
});

test("a pod can do nothing outside its own topics, whatever the topic", () => {
  const level = fc.oneof(fc.constantFrom("aromapod", "v1", SERIAL, "+", "#", "up", "down", "event", ""), fc.string());
  fc.assert(
    fc.property(fc.array(level, { maxLength: 7 }), (levels) => {
      const topic = levels.join("/");
      if (pod.mayPublish(topic, false)) expect(topic.startsWith(at("up/"))).toBe(true);
      if (pod.maySubscribe(topic)) expect(topic.startsWith(at("down/"))).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test.for<[clientId: string, fits: boolean]>([
  [SERIAL, true],
  [`${SERIAL}-`, true],
  [`${SERIAL}-2`, true],
  [`${SERIAL}2`, false],
  ["HKAP0100000002", false],
  ["", false],
  ["bot", false],
])("the client id %j fits the user: %j", ([clientId, fits]) => {
  expect(clientIdFits(SERIAL, clientId)).toBe(fits);
});
