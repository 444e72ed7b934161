import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { openCrashKit } from "../support/crash-kit.ts";
import { eventually } from "../support/eventually.ts";
import { bookProblems, flowProblems } from "../support/flow-oracle.ts";
import { readDeliveryBooks, readUsages } from "../support/ledgers.ts";
import { beginPatiently } from "../support/patient-guest.ts";

const SERIALS = ["HKAP0100000001", "HKAP0100000002", "HKAP0100000003", "HKAP0100000004"];
const DEADLINE_MS = 60_000;
const PAUSE_MS = 5_000;
/** From `inflight` on disk until the request has left, many times over. */
const SENDING_MS = 1_000;

test("a device database that stood still for five seconds, with calls under way, doubles none", {
  timeout: 3 * DEADLINE_MS,
}, async () => {
  await using kit = await openCrashKit("legacy", SERIALS, () => "");
  const begin = (url = "") => beginPatiently(url, "wood", DEADLINE_MS);
  const states = () => readDeliveryBooks(kit.dataDir).deliveries.map(({ state }) => state);
  const inState = (state: string) => states().filter((each) => each === state).length;
  const usages = () => readUsages(kit.dataDir);
  // The first call takes longer than all others.
  const first = await begin(kit.launchUrls[0]);
  await first.answer();
  await eventually(() => expect(inState("delivered")).toBe(1), DEADLINE_MS);
  const others = await Promise.all(kit.launchUrls.map(begin));
  kit.running("erp").send("SIGSTOP");
  await Promise.all(others.map(({ answer }) => answer()));
  await eventually(() => expect(inState("inflight")).toBe(SERIALS.length), DEADLINE_MS);
  await delay(SENDING_MS);

  kit.running("device-db").send("SIGSTOP");
  kit.running("erp").send("SIGCONT");
  await delay(PAUSE_MS);
  expect(usages()).toHaveLength(1 + SERIALS.length);
  expect(inState("inflight")).toBe(SERIALS.length);

  kit.running("device-db").send("SIGCONT");
  await eventually(() => {
    const books = readDeliveryBooks(kit.dataDir);
    const { deliveries } = books;
    expect(flowProblems({ sessions: [first, ...others], deliveries, usages: usages() })).toEqual([]);
    expect(bookProblems(books)).toEqual([]);
    expect(new Set(deliveries.map(({ attempts }) => attempts))).toEqual(new Set([1]));
  }, DEADLINE_MS);
});
