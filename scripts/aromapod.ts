/** The `aromapod` command. */
import { keepCompiledCode } from "./compile-cache.ts";

keepCompiledCode();
// Whoever reads this has had enough, as `head` does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});
const { main } = await import("./cli.ts");
process.exitCode = await main(process.argv);
