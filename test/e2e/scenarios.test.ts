import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { PocLine } from "../../scripts/poc-output.ts";
import { openHome } from "../support/home.ts";
import { MUTANTS, mutate } from "../support/mutants.ts";

const FOLDER = join(import.meta.dirname, "../../scenarios");
const LONG = { timeout: 120_000 };

const names = (await readdir(FOLDER)).filter((name) => name.endsWith(".yaml"));
const linesOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as PocLine & { missing?: string });

describe("the scenarios that come with the kit", () => {
  // In the other mode, in four processes and in a browser: npm run test:scenarios.
  test("hold", LONG, async () => {
    await using home = await openHome();
    const { code, stdout, stderr } = await home.run(["poc", "--all", "--json", "--parallel", "5"], {}, 100_000);
    expect(linesOf(stdout).filter(({ ok }) => !ok)).toEqual([]);
    expect({ code, stderr, count: linesOf(stdout).length }).toEqual({ code: 0, stderr: "", count: names.length });
  });

  test("fail with the right sentence when something is wrong", LONG, async () => {
    await using home = await openHome();
    const folder = join(home.path, "mutants");
    await mkdir(folder);
    for (const name of names) {
      const mutant = MUTANTS[name.replace(/\.yaml$/, "")];
      if (!mutant) throw new Error(`There is no mutant of ${name}.`);
      await writeFile(join(folder, name), mutate(await readFile(join(FOLDER, name), "utf8"), mutant));
    }
    const { code, stdout } = await home.run(["poc", "mutants", "--json", "--parallel", "6"], {}, 100_000);
    const seen = linesOf(stdout).map(({ ok, file, error, missing }) => [file, ok, error, missing]);
    const expected = names.map((name) => {
      const { error, missing } = MUTANTS[name.replace(/\.yaml$/, "")] ?? {};
      return [`mutants/${name}`, false, expect.stringMatching(error ?? "never"), missing];
    });
    expect(new Set(seen)).toEqual(new Set(expected));
    expect(code).toBe(1);
  });
});
