import { Argument, type Command } from "commander";
import { PART_NAMES, type PartName } from "../parts.ts";
import { wholeNumber } from "./arguments.ts";
import { command, type Flags, type Run, refuse } from "./command.ts";

type StartFlags = Flags & { lan?: boolean; speed?: number };

const SPEED = "how many times as fast as ours the simulated pods' time goes: their schedules, and what they use up";

export function addRunning(program: Command, run: Run): void {
  command(program, "start", "run the whole kit in one process")
    .option("--lan", "let phones in the local network reach the chat")
    .option("--speed <times>", SPEED, wholeNumber)
    .action(async (flags: StartFlags) => {
      const { start } = await import("../start.ts");
      const { json = false, lan = false, speed = 1 } = flags;
      await run(flags as Flags, (settings) => start(settings, { json, lan, speed }));
    });
  command(program, "serve", "run one part of the kit in a process of its own")
    .addArgument(new Argument("<part>").choices(PART_NAMES))
    .option("--speed <times>", SPEED, wholeNumber)
    .action(async (part: PartName, flags: StartFlags, self: Command) => {
      const { json = false, speed } = flags;
      if (speed !== undefined && part !== "device-sim") refuse(self, "option '--speed <times>' is for device-sim");
      const { serve } = await import("../serve.ts");
      await run(flags as Flags, (settings) => serve(part, settings, { json, speed: speed ?? 1 }));
    });
}
