import { type Command, Option } from "commander";
import { handOf, usageOfHands } from "../hand.ts";
import { seedNumber, serialNumber } from "./arguments.ts";
import { command, type Flags, type Run, refuse } from "./command.ts";

type PodFlags = Flags & { timeZone?: string; scent?: string };

export function addPod(program: Command, run: Run): void {
  command(program, "pod", "see a simulated pod of the running kit, and lay hands on it")
    .argument("<serial>", "the pod", serialNumber)
    .argument("[what]", usageOfHands(), "status")
    .argument("[words...]", "what goes with it, such as: schedule 08:00 12:00, drain wood, fault late=2s duplicate")
    .option("--time-zone <zone>", "of a schedule (default: that of the pod's room)")
    .option("--scent <scent>", "of a schedule, instead of that of the stay")
    .addOption(
      new Option("--seed <n>", "of faults: the same seed makes them do the same").argParser(seedNumber).default(1),
    )
    .action(async (serial: string, what: string, ...[words, flags]: [string[], PodFlags & { seed: number }]) => {
      const { showPod, layHandOn } = await import("../pod.ts");
      const { json = false } = flags;
      const hand = handOf(what, words, flags);
      if (typeof hand === "string") return refuse(program, hand);
      await run(flags as Flags, (settings) =>
        hand ? layHandOn(settings, serial, { ...hand, json }) : showPod(settings, serial, { json }),
      );
    });
}
