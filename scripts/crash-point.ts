import { writeSync } from "node:fs";
import { armFailpoint } from "../plumbing/failpoint.ts";

const STDERR = 2;

/**
 * Lets a test kill this process at a named place: `AROMAPOD_FAILPOINT=<name>@<n>`, at its n-th time there, counted from
 * the start or, with `AROMAPOD_FAILPOINT_AFTER=<signal>`, from that signal. Without `NODE_ENV=test` it has no effect.
 */
export function armCrashPoint(env: NodeJS.ProcessEnv): void {
  const spec = env["AROMAPOD_FAILPOINT"];
  if (env["NODE_ENV"] !== "test" || !spec) return;
  const signal = env["AROMAPOD_FAILPOINT_AFTER"];
  if (signal) process.once(signal, () => arm(spec));
  else arm(spec);
}

function arm(spec: string): void {
  armFailpoint(spec, () => {
    writeSync(STDERR, `killed at ${spec}\n`);
    process.kill(process.pid, "SIGKILL");
  });
  writeSync(STDERR, `armed at ${spec}\n`);
}
