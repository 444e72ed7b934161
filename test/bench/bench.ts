/** `npm run bench`: the chain from the answer to the usage; `npm run bench -- guests`: a crowd of guests. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benchChain } from "./chain.ts";
import { benchGuests } from "./guests.ts";
import { renderGuests } from "./guests-report.ts";
import { renderReport } from "./report.ts";

/** `dir` is empty and goes when the benchmark ends. */
export type BenchOptions = { dir: string; rounds?: number; signal: AbortSignal };

type Benchmark = (options: BenchOptions) => Promise<{ report: { ok: boolean }; text: string }>;

const USAGE = "Usage: npm run bench -- [--json] [--rounds <n>]\n       npm run bench -- guests [--json]\n";

async function chain(options: BenchOptions) {
  process.stderr.write("Measuring, less than a minute.\n");
  const report = await benchChain(options);
  return { report, text: renderReport(report) };
}

async function guests(options: BenchOptions) {
  process.stderr.write("Measuring, one to two minutes.\n");
  const report = await benchGuests(options);
  return { report, text: renderGuests(report) };
}

/** @throws when the command line is wrong */
function readCommandLine(): { benchmark: Benchmark; json: boolean; rounds?: number } {
  const options = { json: { type: "boolean", default: false }, rounds: { type: "string" } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [name, ...others] = positionals;
  if (others.length > 0 || (name !== undefined && name !== "guests"))
    throw new Error(`There is no benchmark "${positionals.join(" ")}".`);
  const { json, rounds } = values;
  if (rounds === undefined) return { benchmark: name ? guests : chain, json };
  if (name) throw new Error("--rounds is for the benchmark without a name.");
  if (!/^[1-9]\d{0,3}$/.test(rounds)) throw new Error("--rounds must be a whole number from 1.");
  return { benchmark: chain, json, rounds: Number(rounds) };
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
