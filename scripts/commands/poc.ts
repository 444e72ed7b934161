import type { Command } from "commander";
import { DEMO_DEVICE } from "../parts.ts";
import { origin, serialNumber, webAddress, wholeNumber } from "./arguments.ts";
import { command, type Flags, type Run } from "./command.ts";

export function addPoc(program: Command, run: Run): void {
  type PocFlags = Flags & {
    answer: string;
    serial: string;
    against?: string;
    deviceDb?: string;
    erp?: string;
    erpKeyFile?: string;
  };
  command(program, "poc", "act as one guest, and prove that the ERP got one usage")
    .option("--answer <text>", "what the guest answers", "b")
    .option("--serial <serial>", "the device in the guest's room", serialNumber, DEMO_DEVICE.serial)
    .option("--repeat <n>", "how many sessions, one after the other", wholeNumber, 1)
    .option("--against <launch url>", "a running kit instead of one of its own", webAddress)
    .option("--device-db <url>", "the running kit's device database", origin)
    .option("--erp <url>", "the ERP to ask; needs --erp-key-file", origin)
    .option("--erp-key-file <file>", "a file that holds the ERP's API key")
    .action(async (flags: PocFlags & { repeat: number }, self: Command) => {
      if (flags.erp !== undefined && flags.erpKeyFile === undefined)
        self.error("error: option '--erp <url>' needs '--erp-key-file <file>', which holds the ERP's API key");
      const { poc } = await import("../poc.ts");
      const { answer, serial, repeat, against, deviceDb, erp, erpKeyFile } = flags;
      await run(flags as Flags, (settings) =>
        poc(settings, { answer, serial, repeat, json: flags.json === true, against, deviceDb, erp, erpKeyFile }),
      );
    });
}
