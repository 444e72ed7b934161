import type { Command } from "commander";
import { DEMO_DEVICE } from "../parts.ts";
import type { PocOptions } from "../poc.ts";
import {
  type AfterReport,
  afterReport,
  origin,
  seedNumber,
  serialNumber,
  webAddress,
  wholeNumber,
} from "./arguments.ts";
import { command, type Flags, type Run, refuse } from "./command.ts";

const LIST = "ls";

type PocFlags = Flags & Omit<PocOptions, "names" | "reports" | "json"> & { report?: AfterReport };

export function addPoc(program: Command, run: Run): void {
  const poc = command(program, "poc", "play guests, and prove that each session is one usage in the ERP")
    .argument("[name...]", 'files, folders, .transcript files, or names that "poc ls" lists (default: the POC script)')
    .option("--all", "all scenarios that come with the kit", false)
    .option("--answer <text>", "what the guest of the POC script answers instead of b")
    .option("--serial <serial>", "the device in the guest's room", serialNumber, DEMO_DEVICE.serial)
    .option("--repeat <n>", "how many times", wholeNumber, 1)
    .option("--parallel <n>", "how many at a time", wholeNumber, 1)
    .option("--seed <n>", "the same seed makes pods misbehave the same way", seedNumber, 1)
    .option("--bail", "end at the first failure", false)
    .option("--watch", "play again whenever a scenario's file changes", false)
    .option("--report <kind=file...>", "write the evidence: html=, junit= or json=<file>", afterReport)
    .option(
      "--browser",
      "the guests use a phone's browser, from the QR picture on, and keep a picture of each step",
      false,
    )
    .option("--processes", "each part of the kit in a process of its own", false)
    .option("--against <launch url>", "a running kit instead of one of its own", webAddress)
    .option("--device-db <url>", "the running kit's device database", origin)
    .option("--erp <url>", "the ERP to ask; needs --erp-key-file", origin)
    .option("--erp-key-file <file>", "a file that holds the ERP's API key")
    .action(async (before: string[], { report, ...flags }: PocFlags, self: Command) => {
      const names = [...before, ...(report?.names ?? [])];
      // Where it stands behind an option it is taken for a name.
      if (names.length === 1 && names[0] === LIST) return list(flags as unknown as Flags, run);
      refuse(self, contradictionIn(names, flags));
      const { poc: play } = await import("../poc.ts");
      const options = { ...flags, names, reports: report?.reports ?? [], json: flags.json === true };
      await run(flags as unknown as Flags, (settings) => play(settings, options));
    });
  poc
    .command(LIST)
    .description("list the scenarios that come with the kit")
    .action((_flags: unknown, self: Command) => list(self.optsWithGlobals<Flags>(), run));
}

async function list(flags: Flags, run: Run): Promise<void> {
  const { listScenarios } = await import("../poc.ts");
  await run(flags, async () => listScenarios({ json: flags.json === true }));
}

function contradictionIn(names: readonly string[], flags: PocFlags): string | undefined {
  const { answer, all, watch, json } = flags;
  if (answer !== undefined && (all || names.length > 0)) return "option '--answer <text>' is for the POC script alone";
  if (watch && json) return "option '--watch' is for people, not for '--json'";
  return contradictionAbout(flags);
}

/** Whose kit it is. */
function contradictionAbout({ against, processes, parallel, deviceDb, erp, erpKeyFile }: PocFlags): string | undefined {
  if (erp !== undefined && erpKeyFile === undefined)
    return "option '--erp <url>' needs '--erp-key-file <file>', which holds the ERP's API key";
  if (erp !== undefined && deviceDb === undefined && parallel > 1)
    return "option '--parallel' beside '--erp' needs '--device-db <url>', which tells whose usage is whose";
  if (against !== undefined && processes) return "option '--processes' is for a kit of its own, not for '--against'";
  const [extra] = Object.entries({ "--device-db": deviceDb, "--erp": erp, "--erp-key-file": erpKeyFile }).flatMap(
    ([name, value]) => (value === undefined ? [] : name),
  );
  if (against !== undefined || extra === undefined) return undefined;
  return `option '${extra}' is about a kit that runs: it needs '--against <launch url>'`;
}
