/** The `aromapod` command. */
import { keepCompiledCode } from "./compile-cache.ts";

keepCompiledCode();
// Whoever reads this has had enough, as `head` does, or the disk is full: what has begun is cleared away.
process.stdout.once("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") process.stderr.write(`Cannot write what there is to say: ${error.message}.\n`);
  process.stdout.on("error", () => undefined);
  process.kill(process.pid, "SIGTERM");
});
const { main } = await import("./cli.ts");
process.exitCode = await main(process.argv);
