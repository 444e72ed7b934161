import { expect, test } from "vitest";
import { chaos, chaosReport } from "../support/chaos.ts";

const SEED = Math.floor(Math.random() * 2 ** 32);
const SESSIONS = 400;

test.for([
  { title: "safe, by key", mode: "safe", settle: "key" },
  { title: "legacy, by reference", mode: "legacy", settle: "ref" },
  { title: "legacy, by count", mode: "legacy", settle: "count" },
] as const)("400 sessions are 400 usages, whatever fails: $title", { timeout: 300_000 }, async (way) => {
  const figures = await chaos({ ...way, seed: SEED });
  process.stdout.write(chaosReport(figures));
  expect(figures).toMatchObject({ usages: SESSIONS, lost: 0, doubled: 0, leftOver: 0, problems: [] });
});

test("where an unseen answer means that the call is simply made again, usages are doubled", {
  timeout: 300_000,
}, async () => {
  const figures = await chaos({ title: "control, sent again at once", mode: "legacy", settle: "key", seed: SEED });
  process.stdout.write(chaosReport(figures));
  expect(figures.doubled).toBeGreaterThan(10);
});

test("where nothing settles an unseen answer, deliveries are left over", { timeout: 300_000 }, async () => {
  const figures = await chaos({ title: "control, nobody settles", mode: "legacy", settle: "operator", seed: SEED });
  process.stdout.write(chaosReport(figures));
  expect(figures).toMatchObject({ doubled: 0, problems: [] });
  expect(figures.leftOver).toBeGreaterThan(10);
});
