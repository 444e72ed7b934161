/** The `aromapod` command. */
import { keepCompiledCode } from "./compile-cache.ts";

keepCompiledCode();
const { main } = await import("./cli.ts");
process.exitCode = await main(process.argv);
