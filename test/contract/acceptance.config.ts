import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** `npm run test:acceptance`: against an ERP that runs somewhere, so never by `npm test`. */
export default defineConfig({
  test: {
    root: join(import.meta.dirname, "../.."),
    include: ["test/contract/acceptance.check.ts"],
    testTimeout: 30_000,
  },
});
