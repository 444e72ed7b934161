/**
 * `npm run release:check`: makes the package and its bill of materials in `release/`, and shows on this machine that they
 * can be given away: what is in them, that an empty folder is enough to run the kit, and what an older Node is told.
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runProcess } from "../support/process.ts";
import { contentProblems } from "./contents.ts";
import { proveFleet, proveFlow } from "./flow.ts";
import { licenceProblems, type Sbom, writeSbom } from "./licences.ts";
import { askOlderNode } from "./older-node.ts";
import { pack } from "./package.ts";
import { NETWORK, openPlace } from "./place.ts";

const ROOT = join(import.meta.dirname, "../..");
const RELEASE = join(ROOT, "release");
const NOT_READY = 3;
const OLDER_NODES = ["20", "22", "24"];

const kilobytes = (bytes: number) => `${(bytes / 1_000).toFixed(0)} kB`;
const say = (what: string, text: string) => process.stdout.write(`${what.padEnd(12)}${text}\n`);

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

async function packAll(): Promise<{ tarball: string; files: string[] }> {
  await rm(RELEASE, { recursive: true, force: true });
  await mkdir(RELEASE);
  const { filename, size, unpackedSize, files } = await pack(ROOT, ["--pack-destination", RELEASE]);
  say(
    "packed",
    `${filename}: ${kilobytes(size)}, unpacked ${kilobytes(unpackedSize)} in ${String(files.length)} files`,
  );
  return { tarball: join(RELEASE, filename), files: files.map(({ path }) => path) };
}

/** Writes the bill of materials beside the package. */
async function listComponents(tarball: string): Promise<Sbom> {
  const text = await writeSbom(ROOT);
  const sbom = JSON.parse(text) as Sbom;
  refuse(licenceProblems(sbom));
  await writeFile(tarball.replace(/tgz$/, "cdx.json"), text);
  say("components", `${String(sbom.components.length)}, all of licences on the list`);
  return sbom;
}

/** npm takes the newest versions that fit, which may have come out since the lockfile was written. */
function compare(installed: Sbom, listed: Sbom): void {
  refuse(licenceProblems(installed));
  const known = new Set(listed.components.map(nameOf));
  const others = [...new Set(installed.components.map(nameOf))].filter((name) => !known.has(name));
  const difference = others.length === 0 ? "just as listed" : `newer than listed: ${others.join(", ")}`;
  say(
    "installed",
    `${String(installed.components.length)} packages in an empty folder, all of licences on the list; ${difference}`,
  );
}

const nameOf = ({ name, version }: Sbom["components"][number]) => `${name}@${version}`;

async function check(): Promise<void> {
  const { tarball, files } = await packAll();
  const sbom = await listComponents(tarball);
  await using place = await openPlace();
  await place.install(tarball);
  refuse(contentProblems(join(place.path, "node_modules/aromapod"), files));
  say("contents", "all that is needed; no tests, no sources, no secrets");
  compare(await place.installed(), sbom);
  for (const time of ["once", "again"]) say("start", `${time}: ${await proveFlow(place.path)}`);
  say("fleet", await proveFleet(place.path));
  for (const version of OLDER_NODES) say(`Node ${version}`, await askOlderNode(version, place.path));
}

async function main(): Promise<number> {
  const { code } = await runProcess("npm", ["ping", "--fetch-retries=0"], { cwd: ROOT, env: NETWORK });
  if (code !== 0) {
    process.stderr.write(`This needs the npm registry, and it does not answer "npm ping".\n`);
    return NOT_READY;
  }
  try {
    await check();
    process.stdout.write(`What is in ${RELEASE} can be given away.\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\nFailed.\n`);
    return 1;
  }
}

process.exitCode = await main();
