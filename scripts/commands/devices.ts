import type { Command } from "commander";
import { DEMO_DEVICE } from "../parts.ts";
import { command, type Flags, type Run } from "./command.ts";

export function addDevices(program: Command, run: Run): void {
  const devices = program.command("devices").description("the device registry of a running kit");
  command(devices, "ls", "list the registered devices").action(async (flags: Flags) => {
    const { listDevices } = await import("../devices.ts");
    await run(flags, (settings) => listDevices(settings, { json: flags.json === true }));
  });
  command(devices, "add", "register a device and print its MQTT password")
    .argument("<serial>")
    .requiredOption("--room <name>", "the room it stands in")
    .option("--time-zone <zone>", "the room's time zone", DEMO_DEVICE.timeZone)
    .action(async (serial: string, flags: Flags & { room: string; timeZone: string }) => {
      const { addDevice } = await import("../devices.ts");
      const { room, timeZone } = flags;
      await run(flags, (settings) => addDevice(settings, { serial, room, timeZone }, { json: flags.json === true }));
    });
}
