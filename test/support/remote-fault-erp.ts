import { join } from "node:path";
import type { Fault } from "./erp-faults.ts";
import { startProcess } from "./process.ts";

type Seen = { executions: { ref: string; serial: string; status: string; scent: string }[]; calls: number };

/** A fault ERP in a process of its own, which can be killed and stopped. */
export async function startFaultErp(options: { honoursKeys?: boolean; port?: number } = {}) {
  const program = join(import.meta.dirname, "fault-erp-process.ts");
  const running = startProcess(process.execPath, [program, JSON.stringify(options)], { cwd: import.meta.dirname });
  const [line] = await running.shows(/^.*\n/);
  const { url, control } = JSON.parse(line) as { url: string; control: string };
  return {
    url,
    stop: running.stop,
    /** Adds to what goes wrong with the next calls, or says what happens to all others. */
    tell: async (told: { script?: Fault[]; otherwise?: Fault }): Promise<void> => {
      await (await fetch(control, { method: "POST", body: JSON.stringify(told) })).arrayBuffer();
    },
    seen: async () => (await (await fetch(control)).json()) as Seen,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}
