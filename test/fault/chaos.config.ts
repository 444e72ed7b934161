import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** `npm run test:chaos`: minutes that `npm test` does not need every time. */
export default defineConfig({
  test: { root: join(import.meta.dirname, "../.."), include: ["test/fault/chaos.check.ts"] },
});
