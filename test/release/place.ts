/** An empty folder, with a space in its name, in which the package is installed as by anybody. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProcess } from "../support/process.ts";
import type { Sbom } from "./licences.ts";

const INSTALLS_WITHIN_MS = 600_000;

/** How a registry is reached from here. */
export const NETWORK: Record<string, string> = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value = ""]) =>
    /^(NODE_EXTRA_CA_CERTS|(https?|no)_proxy|npm_config_registry)$/i.test(name) ? [[name, value]] : [],
  ),
);

export async function openPlace() {
  const path = await mkdtemp(join(tmpdir(), "aromapod release "));
  return {
    path,

    /** @throws where npm cannot install it */
    async install(spec: string): Promise<void> {
      const { code, stderr } = await runProcess("npm", ["install", spec], {
        cwd: path,
        env: NETWORK,
        deadlineMs: INSTALLS_WITHIN_MS,
      });
      if (code !== 0) throw new Error(`"npm install ${spec}" ended with ${String(code)}:\n${stderr}`);
    },

    /** What was installed with the package. */
    async installed(): Promise<Sbom> {
      const text = await readFile(join(path, "node_modules/.package-lock.json"), "utf8");
      const { packages } = JSON.parse(text) as { packages: Record<string, { version: string; license?: string }> };
      const components = Object.entries(packages).map(([at, { version, license }]) => ({
        name: at.split("node_modules/").at(-1) ?? "",
        version,
        ...(license === undefined ? {} : { licenses: [{ expression: license }] }),
      }));
      return { components: components.filter(({ name }) => name !== "aromapod") };
    },

    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
