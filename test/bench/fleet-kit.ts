import { setTimeout as delay } from "node:timers/promises";
import { openFleet } from "../../device-sim/fleet.ts";
import { readScenario } from "../../device-sim/scenarios.ts";
import { systemClock } from "../../plumbing/clock.ts";
import { createLog } from "../../plumbing/log.ts";
import type { FleetSide, FleetSideOrder } from "./fleet-child.ts";

const GIVE_UP_MS = 60_000;
const POLL_MS = 50;

/** Simulated pods, with all that they are. */
export async function openKitFleet(order: FleetSideOrder): Promise<FleetSide> {
  const config = { ...order, scenario: readScenario("roll-call"), seed: 1 };
  const fleet = await openFleet(config, { clock: systemClock, log: createLog("silent") });
  const signal = AbortSignal.timeout(GIVE_UP_MS + order.durationMs);
  return {
    connect: () => fleet.connect(AbortSignal.timeout(GIVE_UP_MS)),
    connected: () => fleet.figures().connected,
    async callRoll() {
      await fleet.run({ signal });
      while (!signal.aborted && (fleet.figures().commands.open > 0 || fleet.figures().waiting > 0))
        await delay(POLL_MS);
    },
    guests: () => fleet.figures().commands,
    close: fleet.close,
  };
}
