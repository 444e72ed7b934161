import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { licenceProblems, type Sbom, UNDECLARED, writeSbom } from "../release/licences.ts";

const ROOT = join(import.meta.dirname, "../..");

const excepted = Object.keys(UNDECLARED).map((name) => {
  const at = name.lastIndexOf("@");
  return { name: name.slice(0, at), version: name.slice(at + 1) };
});

function problemsOf(licenses: Sbom["components"][number]["licenses"]): string[] {
  const asked = { name: "some", version: "1.0.0", ...(licenses ? { licenses } : {}) };
  return licenceProblems({ components: [asked, ...excepted] });
}

test("all that is shipped has a licence of the list, and none of what only serves development is in it", async () => {
  const sbom = JSON.parse(await writeSbom(ROOT)) as Sbom & { metadata: { component: object } };
  const listed = new Set(sbom.components.map(({ name, version }) => `${name}@${version}`));
  const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, { version: string; dev?: boolean }>;
  };
  const shipped = Object.entries(packages).filter(([at, { dev }]) => at !== "" && !dev);
  const names = shipped.map(([at, { version }]) => `${at.split("node_modules/").at(-1) ?? ""}@${version}`);
  expect(licenceProblems(sbom)).toEqual([]);
  expect(sbom.metadata.component).toMatchObject({ name: "aromapod", type: "application" });
  expect([...listed].toSorted()).toEqual([...new Set(names)].toSorted());
  expect(names.length).toBeGreaterThan(200);
});

test.for([
  [[{ license: { id: "GPL-3.0-only" } }]],
  [[{ license: { name: "SEE LICENSE IN LICENSE.txt" } }]],
  [[{ license: { id: "MIT" } }, { license: { id: "GPL-3.0-only" } }]],
  [[{ expression: "MIT AND GPL-3.0-only" }]],
  [[{ expression: "(MIT OR ISC) AND (GPL-3.0-only)" }]],
  [[{ expression: "(GPL-2.0-only OR GPL-3.0-only)" }]],
  [undefined],
])("the gate refuses %j", ([licenses]) => {
  expect(problemsOf(licenses)).toEqual([expect.stringMatching(/^some@1\.0\.0 .*\.$/)]);
});

test.for([[[{ license: { id: "ISC" } }]], [[{ expression: "(AFL-2.1 OR BSD-3-Clause)" }]]])(
  "the gate lets %j pass",
  ([licenses]) => {
    expect(problemsOf(licenses)).toEqual([]);
  },
);

test.for(Object.entries(UNDECLARED))("%s says its licence elsewhere", ([name, { file, says }]) => {
  const folder = join(ROOT, "node_modules", name.slice(0, name.lastIndexOf("@")));
  const { license, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, string>;
  expect([license, name.endsWith(`@${version ?? ""}`)]).toEqual([undefined, true]);
  expect(readFileSync(join(folder, file), "utf8")).toMatch(says);
});

test("an exception that nobody needs is told", () => {
  expect(licenceProblems({ components: [] })).toEqual(
    Object.keys(UNDECLARED).map((name) => `${name} has an exception and is not shipped.`),
  );
});
