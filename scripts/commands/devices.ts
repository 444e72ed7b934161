import type { Command } from "commander";
import { DEMO_DEVICE } from "../parts.ts";
import { command, type Flags, type Run } from "./command.ts";

export function addDevices(program: Command, run: Run): void {
  const devices = program.command("devices").description("the device registry of a running kit");
  command(devices, "ls", "list the registered devices, and what was last heard of them").action(
    async (flags: Flags) => {
      const { listDevices } = await import("../devices.ts");
      await run(flags, (settings) => listDevices(settings, { json: flags.json === true }));
    },
  );
  command(devices, "add", "register a device and print its MQTT password")
    .argument("<serial>", "the new device: 1 to 32 letters, digits or hyphens")
    .requiredOption("--room <name>", "the room it stands in")
    .option("--time-zone <zone>", "the room's time zone", DEMO_DEVICE.timeZone)
    .action(async (serial: string, flags: Flags & { room: string; timeZone: string }) => {
      const { addDevice } = await import("../devices.ts");
      const { room, timeZone } = flags;
      await run(flags, (settings) => addDevice(settings, { serial, room, timeZone }, { json: flags.json === true }));
    });
  for (const [name, enabled, description] of [
    ["disable", false, "cut a device off, and make its card lead nowhere"],
    ["enable", true, "let a device that was disabled come back"],
  ] as const)
    command(devices, name, description)
      .argument("<serial>", "the device")
      .action(async (serial: string, flags: Flags) => {
        const { enableDevice } = await import("../devices.ts");
        await run(flags, (settings) => enableDevice(settings, serial, { enabled, json: flags.json === true }));
      });
  command(devices, "rotate", "give a device a new MQTT password")
    .argument("<serial>", "the device")
    .action(async (serial: string, flags: Flags) => {
      const { rotateDevice } = await import("../devices.ts");
      await run(flags, (settings) => rotateDevice(settings, serial, { json: flags.json === true }));
    });
}
