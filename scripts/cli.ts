import { Command, CommanderError } from "commander";
import { StartError } from "../plumbing/start-error.ts";
import { type Run, type RunUnset, settingFlags } from "./commands/command.ts";
import { addCompletion } from "./commands/completion.ts";
import { addDeliveries } from "./commands/deliveries.ts";
import { addDevices } from "./commands/devices.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addErp } from "./commands/erp.ts";
import { addFleet } from "./commands/fleet.ts";
import { addPoc } from "./commands/poc.ts";
import { addPod } from "./commands/pod.ts";
import { addQr } from "./commands/qr.ts";
import { addRecord } from "./commands/record.ts";
import { addRunning } from "./commands/running.ts";
import { addTranscript } from "./commands/transcript.ts";
import { EXIT } from "./exit-codes.ts";
import { RefusedError } from "./kit-api.ts";
import { typed } from "./own-program.ts";
import { loadSettings } from "./settings.ts";

/** Runs one command line; resolves with the exit code (0 done, 1 failed, 2 wrong usage, 3 not ready, 130 interrupted). */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    let code: number = EXIT.done;
    const runUnset: RunUnset = async (work) => {
      code = await work();
    };
    const run: Run = (flags, work) => runUnset(() => work(loadSettings(settingFlags(flags))));
    await createProgram(run, runUnset).parseAsync(argv);
    return code;
  } catch (error) {
    return exitCodeOf(error);
  }
}

/** All that people may write; `run` and `runUnset` do the work of what they wrote. */
export function createProgram(run: Run, runUnset: RunUnset): Command {
  const program = new Command("aromapod")
    .description("From a QR code in a hotel room to exactly one usage in the ERP.")
    .exitOverride();
  addRunning(program, run);
  addPoc(program, run);
  addQr(program, run);
  addTranscript(program, run);
  addRecord(program, run);
  addDevices(program, run);
  addDeliveries(program, run);
  addPod(program, run);
  addFleet(program, run);
  addErp(program, run);
  addCompletion(program);
  addDoctor(program, runUnset);
  return program;
}

/** One sentence for what people can mend; a stack trace only for our own bugs. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (isOfStore(error)) {
    process.stderr.write(
      `A store in the data folder cannot be used: ${error.message}; "${typed("doctor")}" says more.\n`,
    );
    return EXIT.notReady;
  }
  const isExpected = error instanceof StartError || error instanceof RefusedError;
  const text = error instanceof Error ? (isExpected ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`${text}\n`);
  return error instanceof StartError ? EXIT.notReady : EXIT.failed;
}

function isOfStore(error: unknown): error is Error {
  return error instanceof Error && ((error as NodeJS.ErrnoException).code ?? "").startsWith("SQLITE_");
}
