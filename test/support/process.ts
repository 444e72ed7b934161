import { spawn } from "node:child_process";
import { eventually } from "./eventually.ts";

type Where = {
  cwd: string;
  env?: Record<string, string>;
  /** Signals reach what the program has started too, as those of a terminal do. */
  asGroup?: boolean;
  /** How long it may run, if it is to run to its end. */
  deadlineMs?: number;
};

type Ended = { code: number | null; signal: NodeJS.Signals | null };

/** Below the time limit of a test, so that a program which does not end is killed and what it said is seen. */
const DEADLINE_MS = 25_000;

/** What a program needs to run at all; settings of whoever runs the tests stay outside. */
const BARE = Object.fromEntries(["PATH", "HOME", "TMPDIR"].map((name) => [name, process.env[name]]));

export type RunningProcess = ReturnType<typeof startProcess>;

/** A program in a process of its own, which is killed at the latest when the test ends. */
export function startProcess(program: string, args: readonly string[], { cwd, env, asGroup = false }: Where) {
  const child = spawn(program, args, {
    cwd,
    env: { ...BARE, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: asGroup,
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  const send = (signal: NodeJS.Signals) =>
    asGroup && child.pid !== undefined ? signalGroup(child.pid, signal) : child.kill(signal);
  const killAtExit = () => send("SIGKILL");
  // A test that is out of time does not come to its end, but its process does.
  process.once("exit", killAtExit);
  let ended: Ended | undefined;
  const end = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      ended = { code, signal };
      process.off("exit", killAtExit);
      resolve(ended);
    });
  });

  async function stop(signal: NodeJS.Signals): Promise<Ended> {
    if (!ended) send(signal);
    return end;
  }

  return {
    output,
    end,
    /** Sends the signal and waits for the end. */
    stop,
    /** Sends the signal to a program that goes on. */
    send,
    /** Waits until standard output matches. */
    shows: (pattern: RegExp): Promise<RegExpExecArray> =>
      eventually(() => {
        const found = pattern.exec(output.stdout);
        if (found) return found;
        const seen = JSON.stringify({ ...output, ...ended }, null, 2);
        throw new Error(`"${[program, ...args].join(" ")}" shows no ${String(pattern)}: ${seen}`);
      }),
    [Symbol.asyncDispose]: async () => {
      await stop("SIGKILL");
    },
  };
}

/** False when there is nobody left in the group. */
function signalGroup(leader: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-leader, signal);
  } catch {
    return false;
  }
}

/** Runs a program to its end; the code is `null` for one that had to be killed. */
export async function runProcess(program: string, args: readonly string[], where: Where) {
  await using running = startProcess(program, args, where);
  const impatience = setTimeout(() => void running.stop("SIGKILL"), where.deadlineMs ?? DEADLINE_MS);
  const { code } = await running.end.finally(() => clearTimeout(impatience));
  return { code, ...running.output };
}
