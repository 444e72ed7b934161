/** Runs after `npm ci`: compiles the command and the services, so that the first start is about as quick as the next. */
import { keepCompiledCode } from "./compile-cache.ts";

keepCompiledCode();
await import("./cli.ts");
await import("./start.ts");
await Promise.all([
  import("../bot/service.ts"),
  import("../device-db/service.ts"),
  import("../device-sim/service.ts"),
  import("../erp-stub/service.ts"),
]);
