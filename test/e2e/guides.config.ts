import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** `npm run test:guides`: minutes that `npm test` does not need every time. */
export default defineConfig({
  test: { root: join(import.meta.dirname, "../.."), include: ["test/e2e/guides.check.ts"] },
});
