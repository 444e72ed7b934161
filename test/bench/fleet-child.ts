/** One side of the comparison in a process of its own: `fleet-child.ts bare|kit`, asked by its parent over IPC. */
import type { PodAccount } from "../../device-sim/config.ts";
import type { FleetGuests } from "../../device-sim/fleet-guests.ts";
import type { MqttAccount } from "../../plumbing/mqtt.ts";

export type FleetSideOrder = {
  dataDir: string;
  mqttUrl: string;
  accounts: readonly PodAccount[];
  bot: MqttAccount;
  durationMs: number;
};

/** RSS once all are connected and have answered, and what is garbage is gone, less what it was before. */
export type FleetSideFigures = {
  connected: number;
  connectMs: number;
  answered: number;
  latency: ReturnType<FleetGuests["figures"]>["latency"];
  bytesPerPod: number;
  cpuMs: number;
};

/** What each side does: connects its pods, has each asked once, and tells how many did. */
export type FleetSide = {
  connect: () => Promise<void>;
  connected: () => number;
  callRoll: () => Promise<void>;
  guests: () => ReturnType<FleetGuests["figures"]>;
  close: () => Promise<void>;
};

const SIDES = {
  bare: async (order: FleetSideOrder) => (await import("./fleet-bare.ts")).openBareFleet(order),
  kit: async (order: FleetSideOrder) => (await import("./fleet-kit.ts")).openKitFleet(order),
} satisfies Record<string, (order: FleetSideOrder) => Promise<FleetSide>>;

function rss(): number {
  for (let n = 0; n < 3; n++) globalThis.gc?.();
  return process.memoryUsage.rss();
}

async function measure(order: FleetSideOrder): Promise<FleetSideFigures> {
  const side = await SIDES[process.argv[2] as keyof typeof SIDES](order);
  const before = rss();
  const startedAt = performance.now();
  await side.connect();
  const connectMs = performance.now() - startedAt;
  await side.callRoll();
  const connected = side.connected();
  const bytesPerPod = (rss() - before) / order.accounts.length;
  const { user, system } = process.cpuUsage();
  const { accepted, latency } = side.guests();
  await side.close();
  return { connected, connectMs, answered: accepted, latency, bytesPerPod, cpuMs: (user + system) / 1_000 };
}

process.on("message", (order: FleetSideOrder) => void measure(order).then((figures) => process.send?.(figures)));
process.once("disconnect", () => process.exit());
process.send?.("ready");
