/** One side in a process of its own: `child.ts kit|floor <directory> <pods>`, asked by its parent over IPC. */
import { startFloor } from "./floor.ts";
import { startKit } from "./kit.ts";
import { type Load, runLoad } from "./load.ts";
import { watchUsages } from "./usage-watch.ts";

export type Order = { kind: "run"; load: Load } | { kind: "count" };

const [name, dir = "", pods = ""] = process.argv.slice(2);
const side = await (name === "kit" ? startKit : startFloor)(dir, Number(pods));
const watch = watchUsages();

async function obey(order: Order): Promise<void> {
  process.send?.(order.kind === "run" ? await runLoad(side, watch, order.load) : await side.countUsages());
}

process.on("message", (order: Order) => void obey(order));
process.once("disconnect", () => {
  watch.close();
  void side.close();
});
process.send?.("ready");
