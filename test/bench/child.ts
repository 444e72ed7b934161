/** One side in a process of its own: `child.ts <side> <directory> <pods> [<peer's folder>]`, asked by its parent over IPC. */
import { type Load, runLoad } from "./load.ts";
import type { Side } from "./side.ts";
import { watchUsages } from "./usage-watch.ts";

export type Order = { kind: "run"; load: Load } | { kind: "count" };

const [name = "", dir = "", pods = "", peerFolder = ""] = process.argv.slice(2);

/** Each process loads what its side needs and nothing else. */
const SIDES = {
  kit: async () => (await import("./kit.ts")).startKit(dir, Number(pods)),
  floor: async () => (await import("./floor.ts")).startFloor(dir, Number(pods)),
  "kit-flows": async () => (await import("./kit-flows.ts")).startKitFlows(dir, Number(pods)),
  "floor-flows": async () => (await import("./floor-flows.ts")).startFloorFlows(dir, Number(pods)),
  "node-red": async () => (await import("./node-red.ts")).startNodeRed({ dir, pods: Number(pods), folder: peerFolder }),
} satisfies Record<string, () => Promise<Side>>;
export type SideName = keyof typeof SIDES;

const side: Side = await SIDES[name as SideName]();
// What calls the ERP is another process at the peer; there the ERP itself tells.
const watch = watchUsages(name === "node-red" ? "answered" : "received");

async function obey(order: Order): Promise<void> {
  process.send?.(order.kind === "run" ? await runLoad(side, watch, order.load) : await side.countUsages());
}

process.on("message", (order: Order) => void obey(order));
process.once("disconnect", () => {
  watch.close();
  void side.close();
});
process.send?.("ready");
