import { writeSync } from "node:fs";
import { armFailpoint } from "../plumbing/failpoint.ts";

const STDERR = 2;

/**
 * Lets a test kill this process at a named place: `AROMAPOD_FAILPOINT=<name>@<n>`, at its n-th time there. It has no
 * effect unless `NODE_ENV` is `test`.
 */
export function armCrashPoint(env: NodeJS.ProcessEnv): void {
  const spec = env["AROMAPOD_FAILPOINT"];
  if (env["NODE_ENV"] !== "test" || !spec) return;
  armFailpoint(spec, () => {
    writeSync(STDERR, `killed at ${spec}\n`);
    process.kill(process.pid, "SIGKILL");
  });
}
