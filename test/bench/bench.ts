/**
 * `npm run bench`: the chain from the answer to the usage; `npm run bench -- flows`: from the command to the usage;
 * `npm run bench -- guests`: a crowd of guests; `npm run bench -- fleet`: ten thousand pods in one process;
 * `npm run bench -- erp`: the bundled ERP, alone and with a million usages.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { benchChain } from "./chain.ts";
import { benchErp } from "./erp.ts";
import { renderErp } from "./erp-report.ts";
import { benchFleet } from "./fleet.ts";
import { renderFleet } from "./fleet-report.ts";
import { benchFlows } from "./flows.ts";
import { renderFlows } from "./flows-report.ts";
import { benchGuests } from "./guests.ts";
import { renderGuests } from "./guests-report.ts";
import { renderReport } from "./report.ts";

/** `dir` is empty and goes when the benchmark ends. */
type BenchOptions = { dir: string; rounds?: number; nodeRed?: string; mockoon?: string; signal: AbortSignal };

type Benchmark = (options: BenchOptions) => Promise<{ report: { ok: boolean }; text: string }>;

const USAGE = `Usage: npm run bench -- [--json] [--rounds <n>]
       npm run bench -- flows [--json] [--rounds <n>] [--node-red <folder>]
       npm run bench -- guests [--json]
       npm run bench -- fleet [--json]
       npm run bench -- erp [--json] [--rounds <n>] [--mockoon <folder>]
`;

const BENCHMARKS: Record<string, Benchmark> = {
  async chain(options) {
    process.stderr.write("Measuring, less than a minute.\n");
    const report = await benchChain(options);
    return { report, text: renderReport(report) };
  },
  async flows(options) {
    process.stderr.write("Measuring, about a minute.\n");
    const report = await benchFlows(options);
    return { report, text: renderFlows(report) };
  },
  async guests(options) {
    process.stderr.write("Measuring, one to two minutes.\n");
    const report = await benchGuests(options);
    return { report, text: renderGuests(report) };
  },
  async fleet(options) {
    process.stderr.write("Measuring, about three minutes.\n");
    const report = await benchFleet(options);
    return { report, text: renderFleet(report) };
  },
  async erp(options) {
    process.stderr.write("Measuring, about three minutes.\n");
    const report = await benchErp(options);
    return { report, text: renderErp(report) };
  },
};

const OPTIONS = {
  json: { type: "boolean", default: false },
  rounds: { type: "string" },
  "node-red": { type: "string" },
  mockoon: { type: "string" },
} as const;

/** What each option is for. */
const MEANT_FOR: Record<"rounds" | "node-red" | "mockoon", readonly string[]> = {
  rounds: ["chain", "flows", "erp"],
  "node-red": ["flows"],
  mockoon: ["erp"],
};

/** @throws when the command line is wrong */
function readCommandLine() {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const { json, rounds, mockoon, "node-red": nodeRed } = values;
  const name = positionals.length === 0 ? "chain" : positionals.join(" ");
  const benchmark = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
  if (!benchmark) throw new Error(`There is no benchmark "${name}".`);
  for (const option of ["rounds", "node-red", "mockoon"] as const) {
    if (values[option] === undefined || MEANT_FOR[option].includes(name)) continue;
    throw new Error(`--${option} is not for this benchmark.`);
  }
  if (rounds !== undefined && !/^[1-9]\d{0,3}$/.test(rounds))
    throw new Error("--rounds must be a whole number from 1.");
  return {
    benchmark,
    json,
    ...(rounds === undefined ? {} : { rounds: Number(rounds) }),
    ...(nodeRed === undefined ? {} : { nodeRed: resolve(nodeRed) }),
    ...(mockoon === undefined ? {} : { mockoon: resolve(mockoon) }),
  };
}

async function main(): Promise<number> {
  let commandLine: ReturnType<typeof readCommandLine>;
  try {
    commandLine = readCommandLine();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  const { benchmark, json, ...options } = commandLine;
  const dir = mkdtempSync(join(tmpdir(), "aromapod-bench-"));
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  try {
    const { report, text } = await benchmark({ ...options, dir, signal: interrupt.signal });
    process.stdout.write(json ? `${JSON.stringify(report)}\n` : text);
    return report.ok ? 0 : 1;
  } catch (error) {
    if (interrupt.signal.aborted) return 130;
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

process.exitCode = await main();
