import { Argument, type Command } from "commander";
import { PART_NAMES, type PartName } from "../parts.ts";
import { command, type Flags, type Run } from "./command.ts";

export function addRunning(program: Command, run: Run): void {
  command(program, "start", "run the whole kit in one process")
    .option("--lan", "let phones in the local network reach the chat")
    .action(async (flags: Flags) => {
      const { start } = await import("../start.ts");
      await run(flags, (settings) => start(settings, { json: flags.json === true, lan: flags["lan"] === true }));
    });
  command(program, "serve", "run one part of the kit in a process of its own")
    .addArgument(new Argument("<part>").choices(PART_NAMES))
    .action(async (part: PartName, flags: Flags) => {
      const { serve } = await import("../serve.ts");
      await run(flags, (settings) => serve(part, settings, { json: flags.json === true }));
    });
}
