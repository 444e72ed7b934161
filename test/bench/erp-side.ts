import { startChild } from "./child-process.ts";
import type { ErpHost } from "./erp-host.ts";
import { type CallLoad, callSwitch } from "./erp-load.ts";

export type ErpSideName = "kit" | "floor" | "mockoon";

/** `folder` is where the peer is installed. */
type Place = { dir: string; signal: AbortSignal; folder?: string };

export type ErpSide = Awaited<ReturnType<typeof startErpSide>>;

const HOST = new URL("erp-host.ts", import.meta.url);

/** One of those that are called, in its own process; `dir` is its folder. */
export async function startErpSide(name: ErpSideName, { dir, signal, folder = "" }: Place) {
  const child = await startChild({ name, file: HOST, args: [name, dir, folder], signal });
  const host = child.greeting as ErpHost;
  const cpuMs = async () => {
    const { user, system } = (await child.ask({})) as NodeJS.CpuUsage;
    return (user + system) / 1_000;
  };
  return {
    ...host,
    call: (load: CallLoad) => callSwitch(host.url, load, cpuMs),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
