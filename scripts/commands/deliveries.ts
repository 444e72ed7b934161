import { type Command, Option } from "commander";
import { DELIVERY_STATES } from "../../device-db/contract.ts";
import { command, type Flags, type Run } from "./command.ts";

type DecisionFlags = Flags & { reason: string; dryRun?: boolean };
type ListFlags = Flags & { state?: string; serial?: string; out?: string };

export function addDeliveries(program: Command, run: Run): void {
  const deliveries = program
    .command("deliveries")
    .description("what the ERP was told, and what it still has to be told");
  addViews(deliveries, run);
  addDecisions(deliveries, run);
  addLanes(deliveries, run);
}

function addViews(deliveries: Command, run: Run): void {
  filtered(
    command(deliveries, "ls", "list deliveries, newest first, and the devices whose deliveries are paused"),
  ).action(async (flags: ListFlags) => {
    const { listDeliveries } = await import("../deliveries.ts");
    const { state, serial, json } = flags;
    await run(flags, (settings) => listDeliveries(settings, { state, serial }, { json: json === true }));
  });
  command(deliveries, "show", "all that is known of one delivery")
    .argument("<id>", "the delivery")
    .action(async (id: string, flags: Flags) => {
      const { showDelivery } = await import("../deliveries.ts");
      await run(flags, (settings) => showDelivery(settings, id, { json: flags.json === true }));
    });
  filtered(command(deliveries, "export", "write one line of JSON for each delivery, with all its changes"))
    .option("--out <file>", "a file instead of stdout")
    .action(async (flags: ListFlags) => {
      const { exportDeliveries } = await import("../deliveries.ts");
      const { state, serial, out } = flags;
      await run(flags, (settings) => exportDeliveries(settings, { state, serial, out }));
    });
}

function filtered(made: Command): Command {
  return made
    .addOption(new Option("--state <state>", "only those in this state").choices(DELIVERY_STATES))
    .option("--serial <serial>", "only those of this device");
}

function addDecisions(deliveries: Command, run: Run): void {
  const decision = (move: "resend" | "discard" | "mark-delivered", description: string): Command =>
    command(deliveries, move, description)
      .argument("<id...>", "one delivery or several")
      .requiredOption("--reason <text>", "how you know; it is kept with the delivery")
      .action(async (ids: string[], flags: DecisionFlags) => {
        const { decide } = await import("../deliveries.ts");
        const { reason, dryRun = false, json = false } = flags;
        await run(flags as Flags, (settings) => decide(settings, ids, { move, reason, dryRun, json }));
      });
  decision("resend", "send deliveries again that are uncertain, held, dead or discarded").option(
    "--dry-run",
    "only print what would be sent",
  );
  decision("discard", "give deliveries up: the ERP is not told");
  decision("mark-delivered", "say that the ERP has them, without sending anything");
  command(deliveries, "reconcile", "ask the ERP what it has: settle what that proves, and compare both sides")
    .option("--dry-run", "only ask and compare")
    .action(async (flags: Flags & { dryRun?: boolean }) => {
      const { reconcile } = await import("../deliveries.ts");
      const { dryRun = false, json = false } = flags;
      await run(flags, (settings) => reconcile(settings, { dryRun, json }));
    });
}

function addLanes(deliveries: Command, run: Run): void {
  command(deliveries, "pause", "send nothing of one device, or of all, until resumed")
    .argument("[serial]", "the device; all of them unless given")
    .requiredOption("--reason <text>", "why; it is shown until resumed")
    .action(async (serial: string | undefined, flags: Flags & { reason: string }) => {
      const { pause } = await import("../deliveries.ts");
      const { reason, json = false } = flags;
      await run(flags, (settings) => pause(settings, { serial, reason, json }));
    });
  command(deliveries, "resume", "go on with the deliveries of one device, or of all")
    .argument("[serial]", "the device; all of them unless given")
    .action(async (serial: string | undefined, flags: Flags) => {
      const { resume } = await import("../deliveries.ts");
      await run(flags, (settings) => resume(settings, { serial, json: flags.json === true }));
    });
}
