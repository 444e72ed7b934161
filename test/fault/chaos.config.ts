import { defineConfig } from "vitest/config";

/** `npm run test:chaos`: minutes that `npm test` does not need every time. */
export default defineConfig({
  test: { root: new URL("../..", import.meta.url).pathname, include: ["test/fault/chaos.check.ts"] },
});
