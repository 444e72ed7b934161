/** The `aromapod` command. Compiled code is cached before anything large is imported: it halves the time to start. */
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

enableCompileCache(fileURLToPath(new URL("../node_modules/.cache/compile", import.meta.url)));

const { main } = await import("./cli.ts");
process.exitCode = await main(process.argv);
