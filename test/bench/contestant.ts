import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Order } from "./child.ts";
import type { Load, Measured } from "./load.ts";

export type SideName = "kit" | "floor";

export type Contestant = Awaited<ReturnType<typeof startContestant>>;

const CHILD = new URL("child.ts", import.meta.url);
const CLOSE_GRACE_MS = 5_000;

/** Starts a side in its own process, so that the two share neither heap nor event loop; its output goes to stderr. */
export async function startContestant(name: SideName, at: { dir: string; pods: number; signal: AbortSignal }) {
  const { signal } = at;
  const child = fork(CHILD, [name, at.dir, String(at.pods)], {
    stdio: ["ignore", 2, 2, "ipc"],
    signal,
    killSignal: "SIGKILL",
  });
  // Being stopped is an error event too; whoever waits for an answer hears of it by the exit.
  child.on("error", () => undefined);
  await answer(child, name);

  async function ask(order: Order): Promise<unknown> {
    child.send(order);
    return answer(child, name);
  }

  return {
    run: async (load: Load) => (await ask({ kind: "run", load })) as Measured,
    countUsages: async () => (await ask({ kind: "count" })) as number,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      const impatience = setTimeout(() => child.kill("SIGKILL"), CLOSE_GRACE_MS);
      if (child.connected) child.disconnect();
      await gone;
      clearTimeout(impatience);
    },
  };
}

/** @throws when the process ends instead of answering */
async function answer(child: ChildProcess, name: SideName): Promise<unknown> {
  const settled = new AbortController();
  const ended = async () => {
    const [code] = (await once(child, "exit", { signal: settled.signal })) as [number | null];
    throw new Error(`The ${name}'s process ended (${String(code ?? child.signalCode)}); its last words stand above.`);
  };
  const answered = async () => ((await once(child, "message", { signal: settled.signal })) as [unknown])[0];
  try {
    return await Promise.race([answered(), ended()]);
  } finally {
    settled.abort();
  }
}
