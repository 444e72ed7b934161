/**
 * What is called, in a process of its own: `erp-host.ts kit|floor|mockoon <directory> [folder]`. Tells its parent where it
 * is, and on any message how much processor time it took.
 */
import { once } from "node:events";
import { join } from "node:path";

/** Where a side is called; the kit also tells where its first user is made. */
export type ErpHost = { url: string; setUpUrl?: string | null };
type Opened = ErpHost & { close: () => Promise<void> };

const [name, dir = "", folder = ""] = process.argv.slice(2);

/** Each process loads what its side needs and nothing else. */
const SIDES: Record<string, () => Promise<Opened>> = {
  /** As it is shipped: safe mode, every commit synced. */
  async kit() {
    const { startErp } = await import("../../erp-stub/service.ts");
    const { systemClock } = await import("../../plumbing/clock.ts");
    const { createLog } = await import("../../plumbing/log.ts");
    const { erpConfig } = await import("./erp-ground.ts");
    const erp = await startErp(erpConfig(dir), { clock: systemClock, log: createLog("silent") });
    return { url: erp.url, setUpUrl: erp.setUpUrl(), close: erp.close };
  },
  floor: async () => (await import("./erp-floor.ts")).startErpFloor(join(dir, "floor.sqlite")),
  mockoon: async () => (await import("./mockoon.ts")).startMockoon(folder),
};

const side = SIDES[name ?? ""];
if (!side) throw new Error(`There is no side "${String(name)}".`);
const tell = process.send?.bind(process);
const isDisconnected = once(process, "disconnect");
const { close, ...host } = await side();
process.on("message", () => tell?.(process.cpuUsage()));
tell?.(host satisfies ErpHost);
await isDisconnected;
await close();
process.exit();
