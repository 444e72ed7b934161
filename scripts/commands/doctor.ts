import type { Command } from "commander";
import { command, type Flags, type RunUnset, settingFlags } from "./command.ts";

/** Bad settings are something to report here, so they are not read before. */
export function addDoctor(program: Command, runUnset: RunUnset): void {
  command(
    program,
    "doctor",
    "look whether this machine and the kit are in order, and say what mends what is not",
  ).action(async (flags: Flags) => {
    const { doctor } = await import("../doctor.ts");
    await runUnset(() => doctor(settingFlags(flags), { json: flags.json === true }));
  });
}
