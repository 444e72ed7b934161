/** The scenarios that come with the kit. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const BUNDLED_FOLDER = fileURLToPath(new URL("../../scenarios/", import.meta.url));

/** Their names, the POC script first. */
export function bundledNames(): string[] {
  const names = readdirSync(BUNDLED_FOLDER).flatMap((file) => /^(.+)\.yaml$/.exec(file)?.[1] ?? []);
  return ["poc", ...names.filter((name) => name !== "poc").sort()];
}

export function bundledPath(name: string): string {
  return join(BUNDLED_FOLDER, `${name}.yaml`);
}
