import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

const CLOSE_GRACE_MS = 5_000;

/** What to run, and what it is called when it fails. */
type Program = { name: string; file: URL; args: readonly string[]; signal: AbortSignal; execArgv?: string[] };

/** Starts a process that talks over IPC, and waits for its first message; its output goes to stderr. */
export async function startChild({ name, file, args, signal, execArgv = [] }: Program) {
  const child = fork(file, args, { stdio: ["ignore", 2, 2, "ipc"], signal, killSignal: "SIGKILL", execArgv });
  // Being stopped is an error event too; whoever waits for an answer hears of it by the exit.
  child.on("error", () => undefined);
  const greeting = await answer(child, name);

  return {
    greeting,
    ask: (order: object): Promise<unknown> => {
      child.send(order);
      return answer(child, name);
    },
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
async function answer(child: ChildProcess, name: string): Promise<unknown> {
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
