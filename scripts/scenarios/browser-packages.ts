import { readFile } from "node:fs/promises";
import { findPackageJSON } from "node:module";
import { StartError } from "../../plumbing/start-error.ts";

/** Who has the kit from its package has not got these, as nothing but a guest in a browser needs them. */
const PACKAGES = ["playwright-core", "@sparticuz/chromium", "jsqr", "pngjs"];

/** Loads some of the packages. @throws {StartError} with the command that installs all of them, if one is absent */
export async function withBrowserPackages<Loaded>(load: () => Promise<Loaded>): Promise<Loaded> {
  try {
    return await load();
  } catch (cause) {
    if ((cause as { code?: string }).code !== "ERR_MODULE_NOT_FOUND") throw cause;
    const wanted = (await exactVersions()).join(" ");
    throw new StartError(
      `A guest in a browser needs packages that are not here; this installs them: npm install --no-save ${wanted}`,
      { cause },
    );
  }
}

async function exactVersions(): Promise<string[]> {
  const own = await readFile(findPackageJSON(import.meta.url) ?? "", "utf8");
  const { devDependencies: versions = {} } = JSON.parse(own) as { devDependencies?: Record<string, string> };
  return PACKAGES.map((name) => `${name}@${versions[name] ?? "latest"}`);
}
