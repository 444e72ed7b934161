import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CRASH_POINTS } from "../support/crash-points.ts";

const ROOT = join(import.meta.dirname, "../..");
const SOURCES = globSync("{bot,device-db,device-sim,erp-stub,plumbing}/**/*.ts", { cwd: ROOT });
const PAGE = readFileSync(join(ROOT, "docs/crashes.md"), "utf8");

/** Each part is killed here when its store is made. */
const AT_FIRST_START = "sqlite.migrating";

const places = SOURCES.flatMap((path) =>
  [...readFileSync(join(ROOT, path), "utf8").matchAll(/^\s*failpoint\("([^"]+)"/gm)].map((found) => found[1] ?? ""),
);

test("every place has one name, is killed at, and stands in the documents", () => {
  const killedAt = CRASH_POINTS.flatMap(({ point, atStart }) => [
    point.split(":")[0] ?? "",
    ...(atStart ? [atStart] : []),
  ]);
  expect(places.length).toBeGreaterThan(15);
  expect(places.toSorted()).toEqual([...new Set([...killedAt, AT_FIRST_START])].toSorted());
  const documented = [...PAGE.matchAll(/^\| K\d+ \| `([^`]+)`/gm)].map((found) => found[1] ?? "");
  expect([...new Set(documented)].toSorted()).toEqual(places.toSorted());
});
