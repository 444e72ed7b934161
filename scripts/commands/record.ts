import type { Command } from "commander";
import { scenarioFile } from "./arguments.ts";
import { command, type Flags, type Run } from "./command.ts";

export function addRecord(program: Command, run: Run): void {
  command(program, "record", "write a session of the running kit as a scenario that asks for the same again")
    .argument("<sessionId>", "as the console and the page of a delivery show it")
    .option("--out <file>", "a .yaml file instead of stdout", scenarioFile)
    .action(async (sessionId: string, flags: Flags & { out?: string }) => {
      const { record } = await import("../record.ts");
      const { out, json = false } = flags;
      await run(flags, (settings) => record(settings, sessionId, { out, json }));
    });
}
