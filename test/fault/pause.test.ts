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

test("a device database that stood still for five seconds, with calls under way, doubles none", {
  timeout: 2 * DEADLINE_MS,
}, async () => {
  await using kit = await openCrashKit("legacy", SERIALS, () => "");
  const states = () => readDeliveryBooks(kit.dataDir).deliveries.map(({ state }) => state);
  const sessions = await Promise.all(kit.launchUrls.map((url) => beginPatiently(url, "wood", DEADLINE_MS)));
  kit.running("erp").send("SIGSTOP");
  await Promise.all(sessions.map(({ answer }) => answer()));
  await eventually(() => expect(states()).toEqual(SERIALS.map(() => "inflight")));

  kit.running("device-db").send("SIGSTOP");
  kit.running("erp").send("SIGCONT");
  await delay(PAUSE_MS);
  expect(readUsages(kit.dataDir)).toHaveLength(SERIALS.length);
  expect(states()).toEqual(SERIALS.map(() => "inflight"));

  kit.running("device-db").send("SIGCONT");
  await eventually(() => {
    const books = readDeliveryBooks(kit.dataDir);
    const { deliveries } = books;
    expect(flowProblems({ sessions, deliveries, usages: readUsages(kit.dataDir) })).toEqual([]);
    expect(bookProblems(books)).toEqual([]);
    expect(deliveries.map(({ attempts }) => attempts)).toEqual(SERIALS.map(() => 1));
  }, DEADLINE_MS);
});
