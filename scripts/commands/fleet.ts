import type { Command } from "commander";
import { seedNumber, wholeNumber } from "./arguments.ts";
import { command, type Flags, type Run, refuse } from "./command.ts";

type FleetFlags = Flags & { passwords?: string; scenario: string };
type FleetNumbers = { count: number; seed: number; duration: number };

export function addFleet(program: Command, run: Run): void {
  const fleet = command(
    program,
    "fleet",
    "run thousands of simulated pods through a scenario, at a broker of their own or yours",
  )
    .option("--count <n>", "how many pods", wholeNumber, 1_000)
    .option("--scenario <name>", "what happens, by name or from a .json file", "hotel-day")
    .option("--seed <n>", "the same seed makes the same run", seedNumber, 1)
    .option("--duration <seconds>", "how long it takes; the scenario's hours are that long", wholeNumber, 60)
    .option("--passwords <file>", "run nothing: write the pods' user names and passwords for a broker of yours")
    .action(async (flags: FleetFlags & FleetNumbers, self: Command) => {
      const { runFleet, scenarioProblem, writeFleetPasswords } = await import("../fleet.ts");
      const { count, scenario, seed, duration: durationS, passwords: file, json = false } = flags;
      refuse(self, scenarioProblem(scenario));
      await run(flags as Flags, async (settings) =>
        file === undefined
          ? runFleet(settings, { count, scenario, seed, durationS, json })
          : writeFleetPasswords(settings, { count, file }),
      );
    });
  fleet
    .command("ls")
    .description("list the scenarios")
    .action(async (_flags: unknown, self: Command) => {
      const { listScenarios } = await import("../fleet.ts");
      const flags = self.optsWithGlobals<Flags>();
      await run(flags, async () => listScenarios({ json: flags.json === true }));
    });
}
