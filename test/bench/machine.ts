import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { cpus, loadavg, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import { median } from "./statistics.ts";

const SYNCS = 100;
const PAGE_BYTES = 4_096;

export type Machine = ReturnType<typeof describeMachine>;

/** What the figures depend on: processors, memory, versions, the load before and what one fsync in `dir` costs. */
export function describeMachine(dir: string) {
  const processors = cpus();
  return {
    cores: processors.length,
    processor: processors[0]?.model.trim() ?? "unknown",
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.version,
    loadBefore: loadavg()[0] ?? 0,
    syncMs: measureSync(join(dir, "sync")),
  };
}

export function renderMachine({ cores, processor, memoryGiB, system, node, loadBefore, syncMs }: Machine): string {
  return (
    `Machine: ${String(cores)} cores (${processor}), ${String(memoryGiB)} GiB, ${system}, ` +
    `Node ${node}, load before ${loadBefore.toFixed(2)}, 4 KiB write + fdatasync ${syncMs.toFixed(2)} ms.`
  );
}

function measureSync(file: string): number {
  const descriptor = openSync(file, "w");
  const page = Buffer.alloc(PAGE_BYTES);
  const costs = Array.from({ length: SYNCS }, () => {
    const before = performance.now();
    writeSync(descriptor, page, 0, PAGE_BYTES, 0);
    fdatasyncSync(descriptor);
    return performance.now() - before;
  });
  closeSync(descriptor);
  return median(costs);
}
