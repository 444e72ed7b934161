import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import own from "../../package.json" with { type: "json" };
import { runProcess } from "../support/process.ts";

const ROOT = join(import.meta.dirname, "../..");
const { "playwright-core": playwright, "@sparticuz/chromium": chromium, jsqr, pngjs } = own.devDependencies;

test.for([
  ["the browser", 'const { launchChromium: open } = await import("./scripts/scenarios/chromium.ts");'],
  ["the QR code", 'const { decodeQrPng: open } = await import("./scripts/scenarios/qr-link.ts");'],
])("where the packages are absent, %s is asked for with the command that installs them", async ([, load]) => {
  const folder = await mkdtemp(join(tmpdir(), "no packages "));
  try {
    for (const part of ["package.json", "plumbing", "scripts/scenarios"])
      await cp(join(ROOT, part), join(folder, part), { recursive: true });
    const program = `${load} await open().catch(({ name, message }) => console.log(name, message));`;
    const { stdout } = await runProcess(process.execPath, ["--input-type=module", "--eval", program], { cwd: folder });
    expect(stdout).toBe(
      "StartError A guest in a browser needs packages that are not here; this installs them: npm install --no-save " +
        `playwright-core@${playwright} @sparticuz/chromium@${chromium} jsqr@${jsqr} pngjs@${pngjs}\n`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
