import { type Command, InvalidArgumentError } from "commander";
import { command, type Flags, type Run } from "./command.ts";

const MAX_ROOMS = 5_000;

export function addErp(program: Command, run: Run): void {
  const erp = program.command("erp").description("the master data of the bundled ERP, while it runs");
  command(erp, "seed", "add a demo hotel with a device in each room; what is there already stays as it is")
    .option("--rooms <n>", "how many rooms it has", roomNumber, 200)
    .action(async (flags: Flags & { rooms: number }) => {
      const { seedHotel } = await import("../erp.ts");
      const { rooms, json = false } = flags;
      await run(flags as Flags, (settings) => seedHotel(settings, { rooms, json }));
    });
  command(erp, "export", "write hotels, rooms, devices, scents and schedules as a JSON document")
    .option("--out <file>", "a file instead of stdout")
    .action(async (flags: Flags & { out?: string }) => {
      const { exportMasterData } = await import("../erp.ts");
      const { out, json = false } = flags;
      await run(flags, (settings) => exportMasterData(settings, { out, json }));
    });
  command(erp, "import", "add and change what a JSON document says: all of it, or nothing")
    .argument("<file>", "as the export writes it")
    .option("--dry-run", "only check it")
    .action(async (file: string, flags: Flags & { dryRun?: boolean }) => {
      const { importMasterData } = await import("../erp.ts");
      const { dryRun = false, json = false } = flags;
      await run(flags, (settings) => importMasterData(settings, file, { dryRun, json }));
    });
}

function roomNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= MAX_ROOMS) return value;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${String(MAX_ROOMS)}.`);
}
