/**
 * `npm run test:scenarios`: every scenario that comes with the kit, in both modes of the ERP, in one process and in four,
 * by programs and in a browser; and the POC script two hundred times, twenty at a time, on one kit.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { PocLine } from "../../scripts/poc-output.ts";
import { table } from "../../scripts/table.ts";

const PROGRAM = fileURLToPath(new URL("../../scripts/aromapod.ts", import.meta.url));
const MODES = ["safe", "legacy"];
const ALL = ["--all", "--parallel", "4"];
const WAYS: { name: string; args: string[] }[] = [
  { name: "all, in one process", args: ALL },
  { name: "all, in four processes", args: [...ALL, "--processes"] },
  { name: "all, in a browser", args: ["--all", "--parallel", "2", "--browser"] },
  { name: "the POC script, 200 times, 20 at a time", args: ["--repeat", "200", "--parallel", "20"] },
];

type Row = { cells: string[]; ok: boolean };

function play(mode: string, { name, args }: (typeof WAYS)[number]): Row {
  const begin = performance.now();
  const options = { encoding: "utf8", maxBuffer: 256 * 1024 * 1024, timeout: 900_000 } as const;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [PROGRAM, "poc", "--json", "--erp-mode", mode, ...args],
    options,
  );
  const lines = stdout
    .trim()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as PocLine);
  for (const { ok, scenario, error } of lines)
    if (!ok) process.stderr.write(`${mode}, ${name}: ${scenario}: ${error ?? ""}\n`);
  process.stderr.write(stderr);
  const refs = lines.flatMap(({ usage }) => usage?.ref ?? []);
  const passed = lines.filter(({ ok }) => ok).length;
  const ok = status === 0 && lines.length > 0 && passed === lines.length && new Set(refs).size === refs.length;
  const seconds = `${((performance.now() - begin) / 1_000).toFixed(0)} s`;
  return {
    ok,
    cells: [
      mode,
      name,
      `${String(passed)} of ${String(lines.length)}`,
      String(new Set(refs).size),
      seconds,
      ok ? "ok" : "FAILED",
    ],
  };
}

const rows = MODES.flatMap((mode) => WAYS.map((way) => play(mode, way)));
const head = ["ERP", "WHAT", "PASSED", "SESSIONS WITH A USAGE OF THEIR OWN", "TIME", ""];
process.stdout.write(table([head, ...rows.map(({ cells }) => cells)]));
process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;
