import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { arch, platform, release } from "node:os";
import type { Settings } from "../settings.ts";

type Where = { settings: Settings; against: string | undefined; processes: boolean; guests: string };

/** Names and versions of what was at work. */
export function describeEnvironment({ settings, against, processes, guests }: Where): Record<string, string> {
  const manifest = findPackageJSON(import.meta.url) ?? "";
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  const kit = processes ? "its own, a process for each part" : "its own, in one process";
  return {
    "AromaPod kit": version,
    Kit: against === undefined ? kit : `running, at ${new URL(against).origin}`,
    Guests: guests,
    ...(against === undefined ? { ERP: erpWords(settings) } : {}),
    "Node.js": process.versions.node,
    "Operating system": `${platform()} ${release()}, ${arch()}`,
  };
}

function erpWords({ ERP_URL, ERP_MODE }: Settings): string {
  return ERP_URL === undefined ? `bundled, ${ERP_MODE ?? "safe"} mode` : `${ERP_URL}, ${ERP_MODE ?? "legacy"} mode`;
}
