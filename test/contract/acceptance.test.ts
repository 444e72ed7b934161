import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ERP_MODES } from "../../erp-stub/contract.ts";
import { countRows, openErp } from "../support/erp-system.ts";
import { startProcess } from "../support/process.ts";
import { acceptance } from "./acceptance.ts";

const ROOT = join(import.meta.dirname, "../..");
const VITEST = join(ROOT, "node_modules/vitest/vitest.mjs");
const CONFIG = join(ROOT, "test/contract/acceptance.config.ts");

describe.for(ERP_MODES)("The bundled ERP in %s mode", (mode) => {
  let erp: Awaited<ReturnType<typeof openErp>>;
  beforeAll(async () => {
    erp = await openErp({ mode });
  });
  afterAll(() => erp.close());
  acceptance(() => erp);
});

type Report = { success: boolean; testResults: { assertionResults: { status: string; fullName: string }[] }[] };

/** The check that is pointed at an ERP somewhere, as a person runs it: the names of its tests by what became of them. */
async function check(env: Record<string, string>): Promise<Record<string, string[]>> {
  const folder = await mkdtemp(join(tmpdir(), "acceptance-"));
  const file = join(folder, "report.json");
  const args = ["run", "--configLoader", "native", "--config", CONFIG, "--reporter=json", `--outputFile=${file}`];
  await startProcess(process.execPath, [VITEST, ...args], { cwd: ROOT, env }).end;
  const { testResults } = JSON.parse(await readFile(file, "utf8")) as Report;
  await rm(folder, { recursive: true });
  const results = Map.groupBy(testResults[0]?.assertionResults ?? [], ({ status }) => status);
  return Object.fromEntries([...results].map(([status, tests]) => [status, tests.map(({ fullName }) => fullName)]));
}

describe("pointed at an ERP", { timeout: 60_000 }, () => {
  test("it writes nothing unless allowed to", async () => {
    await using erp = await openErp();
    const { passed = [], failed, skipped = [] } = await check({ ERP_URL: erp.url, ERP_API_KEY: erp.apiKey });
    expect(failed).toBeUndefined();
    expect(passed).toHaveLength(6);
    expect(skipped.filter((name) => !name.startsWith("writing"))).toEqual([]);
    expect(countRows(erp.file, "device_usages")).toBe(0);
  });

  test("what it cannot read back is skipped, not passed", async () => {
    await using erp = await openErp();
    const all = await check({ ERP_URL: erp.url, ERP_API_KEY: erp.apiKey, ERP_WRITES: "yes" });
    const some = await check({ ERP_URL: erp.url, ERP_WRITES: "yes" });
    expect([all["failed"], some["failed"]]).toEqual([undefined, undefined]);
    expect(all["skipped"]).toEqual([expect.stringContaining("14: ")]);
    const checks = ["1: ", "2: WOOD, ", "4: ", "5: time-in", "6: a schedule that exists is linked", "13: ", "14: "];
    for (const name of checks) {
      expect(some["skipped"], name).toContainEqual(expect.stringContaining(` ${name}`));
    }
    expect(some["passed"]?.filter((name) => /writes nothing|opens|linked| closes |has no usages/.test(name))).toEqual(
      [],
    );
  });

  test("an ERP that answers otherwise fails", async () => {
    await using erp = await openErp();
    const fault = { kind: "wrong-body", endpoint: "switch", times: null };
    const headers = { authorization: `Bearer ${erp.apiKey}` };
    await fetch(`${erp.url}/api/faults`, { method: "POST", headers, body: JSON.stringify(fault) });
    const { passed = [], failed = [] } = await check({ ERP_URL: erp.url, ERP_WRITES: "yes" });
    expect(passed.filter((name) => !name.includes("8 to 10: customers"))).toEqual([]);
    expect(failed.length).toBeGreaterThan(15);
  });
});
