import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contentProblems } from "../release/contents.ts";
import { pack } from "../release/package.ts";
import { openHome } from "../support/home.ts";
import { runProcess, startProcess } from "../support/process.ts";

const ROOT = join(import.meta.dirname, "../..");

describe("the package that npm makes, in a place where Node strips no types", () => {
  let home = "";
  let folder = "";
  let launcher = "";

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "aromapod package "));
    folder = join(home, "node_modules/aromapod");
    launcher = join(folder, "scripts/launcher.cjs");
    await mkdir(folder, { recursive: true });
    for (const part of ["package.json", "README.md", ".env.example", "docs", "scripts/launcher.cjs"])
      await cp(join(ROOT, part), join(folder, part), { recursive: true });
    await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
    const compiled = await runProcess(process.execPath, ["scripts/compile.ts", join(folder, "dist")], { cwd: ROOT });
    expect(compiled).toEqual({ code: 0, stdout: "", stderr: "" });
  });
  afterAll(() => rm(home, { recursive: true, force: true }));

  test("holds what it needs, and neither tests, sources nor secrets", async () => {
    const files = (await pack(folder, ["--dry-run", "--ignore-scripts"])).files.map(({ path }) => path);
    expect(contentProblems(folder, files)).toEqual([]);
    expect(files.length).toBeGreaterThan(300);
    const without = files.filter((file) => !/guest\.css|launcher/.test(file));
    expect(contentProblems(folder, without).toSorted()).toEqual([
      "dist/bot/assets.js needs dist/bot/assets/guest.css, which is missed.",
      "scripts/launcher.cjs is missed.",
    ]);
    await writeFile(join(folder, "dist/secrets.json"), "{}");
    await writeFile(join(folder, "dist/scripts/cli.test.js"), "-----BEGIN PRIVATE KEY-----");
    expect(contentProblems(folder, [...files, "dist/secrets.json", "dist/scripts/cli.test.js"]).toSorted()).toEqual([
      "dist/scripts/cli.test.js does not belong into the package.",
      "dist/scripts/cli.test.js holds a private key.",
      "dist/secrets.json does not belong into the package.",
    ]);
  });

  test("proves the whole flow, by its launcher, and says how its commands are typed", async () => {
    await using place = await openHome();
    const run = (args: string[], env: Record<string, string> = {}) =>
      runProcess(process.execPath, [launcher, ...args], { cwd: place.path, env: { ...place.env, ...env } });
    const { code, stdout, stderr } = await run(["poc", "--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, scent: "wood", usage: { status: "checkin" } });
    expect((await run(["poc", "--repeat", "0"])).code).toBe(2);
    const erp = startProcess(process.execPath, [launcher, "serve", "erp"], { cwd: place.path, env: place.env });
    await using _erp = erp;
    await erp.shows(/\n/);
    expect(await erp.stop("SIGINT")).toEqual({ code: 130, signal: null });
    for (const [env, start] of [
      [{}, "aromapod start"],
      [{ npm_command: "exec" }, "npx aromapod start"],
    ] as const)
      expect(await run(["devices", "ls"], env)).toEqual({
        code: 3,
        stdout: "",
        stderr: `Nothing answers at http://127.0.0.1:${place.env["DEVICE_DB_PORT"] ?? ""}: start the kit first, with "${start}".\n`,
      });
  });

  test("on an older Node it says what helps, whatever it was told to do", async () => {
    const older = join(home, "older.cjs");
    const versions = { ...process.versions, node: "20.20.2" };
    await writeFile(older, `Object.defineProperty(process, "versions", { value: ${JSON.stringify(versions)} });`);
    const run = (cwd: string, ...args: string[]) =>
      runProcess(process.execPath, ["--require", older, launcher, ...args], { cwd });
    const sentence = "AromaPod needs Node 26 or later, and this is 20.20.2; run it with: npx -y -p node@26";
    const outcome = (command: string) => ({ code: 3, stdout: "", stderr: `${sentence} ${command}\n` });
    expect(await run(home, "start", "--json")).toEqual(outcome("aromapod start --json"));
    expect(await run(home, "devices", "add", "--room", "Room 1's")).toEqual(
      outcome(`aromapod devices add --room 'Room 1'\\''s'`),
    );
    expect(await run(tmpdir(), "start")).toEqual(outcome(`node '${launcher}' start`));
  });
});
