/** What is shipped, as npm knows it, and the licences that it may have. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProcess } from "../support/process.ts";

/** They ask for nothing but their own text to be kept, so that whoever gets the package may use it. */
const ALLOWED = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MIT",
  "Unlicense",
]);

/** Components that declare no licence, and where their authors say it. */
export const UNDECLARED: Record<string, { licence: string; file: string; says: RegExp }> = {
  "escape-regexp-component@1.0.2": { licence: "MIT", file: "Readme.md", says: /^## License\s+MIT\s*$/m },
};

type Licence = { license: { id?: string; name?: string } } | { expression: string };
export type Sbom = { components: { name: string; version: string; licenses?: Licence[] }[] };

type Lock = { packages: Record<string, { dev?: boolean }> };

/** What is installed with the package, by its lockfile; not what only development needs. */
function shippedLock(text: string): Lock {
  const lock = JSON.parse(text) as Lock;
  const packages = Object.fromEntries(Object.entries(lock.packages).filter(([, { dev }]) => !dev));
  return { ...lock, packages: { ...packages, "": { ...packages[""], devDependencies: {} } as object } };
}

/** The software bill of materials (CycloneDX) of what is installed with the package. */
export async function writeSbom(root: string): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), "aromapod-sbom-"));
  try {
    // npm names it after the folder. Its `--omit=dev` leaves out what development needs too, and so most that matters.
    const folder = join(parent, "aromapod");
    await mkdir(folder);
    const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as object;
    const lock = shippedLock(await readFile(join(root, "package-lock.json"), "utf8"));
    await writeFile(join(folder, "package.json"), JSON.stringify({ ...manifest, devDependencies: {} }));
    await writeFile(join(folder, "package-lock.json"), JSON.stringify(lock));
    const what = ["--sbom-format=cyclonedx", "--sbom-type=application", "--package-lock-only"];
    const { code, stdout, stderr } = await runProcess("npm", ["sbom", ...what], { cwd: folder });
    if (code !== 0) throw new Error(`"npm sbom" ended with ${String(code)}: ${stderr}`);
    return stdout;
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

/** A sentence for each component whose licence is not allowed, and for each exception that nobody needs. */
export function licenceProblems({ components }: Sbom): string[] {
  const names = components.map(({ name, version }) => `${name}@${version}`);
  const problems = components.flatMap(({ licenses = [] }, at) => {
    const name = names[at] ?? "";
    const found = licenses.length === 0 ? UNDECLARED[name]?.licence : licenses.map(textOf).join(" AND ");
    if (found === undefined) return [`${name} declares no licence.`];
    return isAllowed(found) ? [] : [`${name} has the licence ${found}, which is not on the list.`];
  });
  const unused = Object.keys(UNDECLARED).filter((name) => !names.includes(name));
  return [...problems, ...unused.map((name) => `${name} has an exception and is not shipped.`)];
}

function textOf(licence: Licence): string {
  return "expression" in licence ? licence.expression : (licence.license.id ?? licence.license.name ?? "");
}

/** Of licences to choose from one is enough; whatever else an expression says has to be read by a person. */
function isAllowed(expression: string): boolean {
  const choice = /^\(?([\w.-]+(?: OR [\w.-]+)*)\)?$/.exec(expression)?.[1] ?? "";
  return choice.split(" OR ").some((licence) => ALLOWED.has(licence));
}
