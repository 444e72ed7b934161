/**
 * Runs when the package is packed: `node scripts/compile.ts [folder]` compiles the command and all that it imports to
 * `dist`, since Node strips no types below `node_modules`. Each file keeps its place among the others, so that what is
 * read or started beside it is found in either tree.
 */
import { spawnSync } from "node:child_process";
import { cpSync, globSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");
/** What is read at run time and not imported. */
const READ = [
  "{bot,device-db,device-sim,erp-stub,plumbing,scripts}/**/*.{css,js,json,bash}",
  "docs/asyncapi.json",
  "scenarios/**/*.{json,yaml}",
];

const target = resolve(process.argv[2] ?? join(ROOT, "dist"));
rmSync(target, { recursive: true, force: true });
// Types are what `npm run check` is for.
const options = ["-p", "tsconfig.release.json", "--noCheck", "--outDir", target];
const { status } = spawnSync(process.execPath, [TSC, ...options], {
  cwd: ROOT,
  stdio: "inherit",
});
for (const file of globSync(READ, { cwd: ROOT, exclude: ["**/tsconfig.json"] }))
  cpSync(join(ROOT, file), join(target, file));
process.exitCode = status ?? 1;
