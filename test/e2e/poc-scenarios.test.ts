import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { PocLine } from "../../scripts/poc-output.ts";
import type { Evidence } from "../../scripts/scenarios/outcome.ts";
import { eventually } from "../support/eventually.ts";
import { COMMAND, type Home, openHome } from "../support/home.ts";
import { runProcess } from "../support/process.ts";

const FAILS = `name: It fails
steps: [scan, { hear: Good morning. }]
expect: { session: { state: asked } }
`;

let home: Home;
beforeAll(async () => {
  home = await openHome();
  await writeFile(join(home.path, "fails.yaml"), FAILS);
  return () => home[Symbol.asyncDispose]();
});

const linesOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as PocLine);

describe("aromapod poc", () => {
  test("lists what comes with the kit", async () => {
    const shown = await home.run(["poc", "ls"]);
    expect(shown).toMatchObject({ code: 0, stderr: "" });
    expect(shown.stdout).toMatch(/^NAME +WHAT IT SHOWS\npoc +The POC script\n/);
    const { stdout } = await home.run(["poc", "ls", "--json"]);
    const { data } = JSON.parse(stdout) as { data: { file: string }[] };
    expect(data.map(({ file }) => file)).toContain("scenarios/two-guests.yaml");
  });

  test("plays a scenario many times at once on one kit: each has a usage of its own", async () => {
    const { code, stdout, stderr } = await home.run(["poc", "--json", "--repeat", "24", "--parallel", "6"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const usages = linesOf(stdout).map(({ usage }) => usage);
    expect(new Set(usages.map((usage) => usage?.ref)).size).toBe(24);
    expect(new Set(usages.map((usage) => usage?.serial)).size).toBe(6);
  });

  test("writes the evidence as a page, for build servers and for programs, and says where", async () => {
    const report = ["html=out/evidence.html", "junit=out/evidence.xml", "json=out/evidence.json"];
    const { code, stdout } = await home.run(["poc", "water", "--report", ...report, "fails.yaml"]);
    expect(code).toBe(1);
    expect(stdout).toContain("The evidence is in out/evidence.xml.\n");
    const read = (kind: string) => readFile(join(home.path, `out/evidence.${kind}`), "utf8");
    const { ok, outcomes, environment } = JSON.parse(await read("json")) as Evidence;
    expect([ok, outcomes.map((outcome) => outcome.ok)]).toEqual([false, [true, false]]);
    expect(environment).toMatchObject({ ERP: "bundled, safe mode", "Node.js": process.versions.node });
    for (const kind of ["html", "xml"]) {
      expect(await read(kind)).toContain("The bot says something else.");
      expect(await read(kind)).toContain("Good morning.");
    }
  });

  test("ends at the first failure with --bail", async () => {
    const all = await home.run(["poc", "fails.yaml", "fire", "--json", "--repeat", "2"]);
    expect(all).toMatchObject({ code: 1, stderr: "" });
    expect(linesOf(all.stdout).map(({ ok }) => ok)).toEqual([false, true, false, true]);
    const bailed = await home.run(["poc", "fails.yaml", "fire", "--json", "--repeat", "2", "--bail"]);
    expect(bailed).toMatchObject({ code: 1, stderr: "" });
    expect(linesOf(bailed.stdout).map(({ ok }) => ok)).toEqual([false]);
  });

  test("plays again when the file changes with --watch", async () => {
    const file = join(home.path, "watched.yaml");
    await writeFile(file, FAILS);
    const running = home.start(["poc", "watched.yaml", "--watch"]);
    await running.shows(/The bot says something else\.[^]*Watching; Ctrl-C ends it\.\n/);
    await writeFile(file, FAILS.replace("Good morning.", "Which scent would you like?"));
    await running.shows(/“It fails” passed\.[^]*Watching; [^]*$/);
    await writeFile(file, "name: x\nsteps: [scann]\nexpect: { session: { state: asked } }\n");
    await eventually(() =>
      expect(running.output.stderr).toBe("watched.yaml:2:9: steps must be one of scan, reload, ends.\n"),
    );
    await writeFile(file, FAILS);
    await running.shows(/“It fails” passed\.[^]*The bot says something else\.[^]*Watching/);
    expect(await running.stop("SIGINT")).toEqual({ code: 130, signal: null });
  });

  test("clears away and is no success when nobody reads on, and at two signals that come at once", async () => {
    const TMPDIR = join(home.path, "tmp");
    await mkdir(TMPDIR);
    const script = 'set -o pipefail; "$0" "$1" poc | head -1';
    const where = { cwd: home.path, env: { ...home.env, TMPDIR } };
    const { code, stdout } = await runProcess("bash", ["-c", script, process.execPath, COMMAND], where);
    expect(stdout).toMatch(/^✔ .* the guest scans the card\n$/);
    expect(code).not.toBe(0);
    const running = home.start(["poc", "silence"], { TMPDIR });
    await running.shows(/the guest scans the card/);
    running.send("SIGINT");
    running.send("SIGINT");
    expect(await running.end).toEqual({ code: 130, signal: null });
    expect(await readdir(TMPDIR)).toEqual([]);
  });

  test("says in a sentence what it cannot play", async () => {
    await writeFile(join(home.path, "bad.yaml"), "name: x\nsteps: [scan]\nexpect: { usages: 1 }\n");
    const unfit = FAILS.replace("steps", "kit: { settings: { ERP_MODE: legacy, ERP_SETTLE: key } }\nsteps");
    await writeFile(join(home.path, "unfit.yaml"), unfit);
    const cases: [args: string[], code: number, stderr: RegExp][] = [
      [["nobody"], 3, /^There is no scenario "nobody": [^\n]+\n$/],
      [["bad.yaml"], 3, /^bad\.yaml:3:19: usages must be of type array\.\n$/],
      [["--answer", "b", "fire"], 2, /^error: option '--answer <text>' is for the POC script alone\n$/],
      [["--report", "pdf=x"], 2, /^error: [^\n]*It must be html=<file>, junit=<file> or json=<file>\.\n$/],
      [["--report", "html=bad.yaml/x.html"], 3, /^Cannot write "bad\.yaml\/x\.html": [^\n]+\n$/],
      [["--report", "html=x", "junit=./x"], 3, /^Cannot write two reports to "\.\/x": [^\n]+\n$/],
      [["poc", "unfit.yaml"], 3, /^unfit\.yaml:2: ERP_SETTLE=key needs [^\n]+\n$/],
      [["--erp", "http://127.0.0.1:1", "--erp-key-file", "x"], 2, /^error: option '--erp' [^\n]+--against[^\n]+\n$/],
      [["--watch", "--json"], 2, /^error: [^\n]+\n$/],
    ];
    for (const [args, code, stderr] of cases) {
      const run = await home.run(["poc", ...args]);
      expect([args, run.code]).toEqual([args, code]);
      expect(run.stderr).toMatch(stderr);
    }
  });
});

describe("at what others own", () => {
  test("a scenario that needs more than guests is said to be skipped, and is no proof", async () => {
    const { ready, stop } = await home.startKit();
    const against = (...names: string[]) => home.run(["poc", ...names, "--json", "--against", ready.launchUrl]);
    const some = await against("fire", "check-out");
    expect([some.code, linesOf(some.stdout).map(({ ok, scenario }) => [scenario, ok])]).toEqual([
      0,
      [
        ["A guest who chooses fire", true],
        ["A check-out", "not checked"],
      ],
    ]);
    expect((await against("check-out")).code).toBe(1);
    await stop("SIGTERM");
  });

  test("an ERP that nobody can read gets a sentence for its owner, with what it was asked and answered", async () => {
    await using foreign = await openHome();
    const { ready } = await foreign.startKit();
    const { code, stdout } = await home.run(["poc"], { ERP_URL: ready.erp });
    expect(code).toBe(0);
    expect(stdout).toMatch(/– +not checked {2}the ERP holds 1 usage\n/);
    const sentence = stdout.replaceAll(/\s+/g, "");
    expect(sentence).toContain(
      "PleaselookwhetheryourERPholdsonedeviceusageforHKAP0100000001:itwassentGEThttp://127.0.0.1:",
    );
    expect(sentence).toContain("status=checkin&scent=woodat20");
    expect(sentence).toContain('whichwasansweredHTTP200{"message":"Devicecheck-insuccessful"');
    const skipped = await home.run(["poc", "erp-away"], { ERP_URL: ready.erp });
    expect(skipped.code).toBe(1);
    expect(skipped.stdout).toContain("It needs the bundled ERP, and ERP_URL names another.");
  });
});
