/** `npm run lighthouse`: Lighthouse's opinion of the guest's page. Lighthouse is no dependency: it brings a hundred. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { freePorts } from "../../scripts/free-ports.ts";
import { launchChromium } from "../../scripts/scenarios/chromium.ts";
import { startHotel } from "./hotel.ts";

/** Tried with it. */
const VERSION = "13.5.0";
const PACKAGE: string = "lighthouse";
const CATEGORIES = ["performance", "accessibility", "best-practices"] as const;

type Audit = { title: string; score: number | null; displayValue?: string };
type Category = { title: string; score: number; auditRefs: { id: string; weight: number }[] };
type Result = { lhr: { audits: Record<string, Audit>; categories: Record<string, Category> } };
type Lighthouse = (url: string, flags: object) => Promise<Result | undefined>;

async function load(): Promise<Lighthouse | undefined> {
  try {
    return ((await import(PACKAGE)) as { default: Lighthouse }).default;
  } catch (error) {
    if ((error as { code?: string }).code === "ERR_MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

/** What Lighthouse finds on the page as a guest with a cold cache gets it. */
async function judge(lighthouse: Lighthouse, dir: string): Promise<Result["lhr"]> {
  await using opening = new AsyncDisposableStack();
  const { urls, launchPaths, close } = await startHotel(dir, 1);
  opening.defer(close);
  const [port = 0] = await freePorts(1);
  opening.use(await launchChromium([`--remote-debugging-port=${String(port)}`]));
  const url = `${urls.bot}${launchPaths[0] ?? ""}`;
  const result = await lighthouse(url, { port, output: "json", logLevel: "error", onlyCategories: CATEGORIES });
  if (!result) throw new Error("Lighthouse gave no result.");
  return result.lhr;
}

function scoresOf({ categories, audits }: Result["lhr"]) {
  return CATEGORIES.flatMap((name) => categories[name] ?? []).map(({ title, score, auditRefs }) => {
    const lost = auditRefs.filter(({ id, weight }) => weight > 0 && (audits[id]?.score ?? 1) < 1);
    const findings = lost.map(({ id }) => [audits[id]?.title, audits[id]?.displayValue].filter(Boolean).join(": "));
    return { title, score: Math.round(score * 100), findings };
  });
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
  const lighthouse = await load();
  if (!lighthouse) {
    process.stderr.write(`Lighthouse is not installed: npm install --no-save lighthouse@${VERSION}\n`);
    return 3;
  }
  const dir = mkdtempSync(join(tmpdir(), "aromapod-lighthouse-"));
  try {
    const scores = scoresOf(await judge(lighthouse, dir));
    const lines = scores.flatMap(({ title, score, findings }) => [
      `  ${title.padEnd(16)}${String(score).padStart(4)} of 100`,
      ...findings.map((finding) => `    ${finding}`),
    ]);
    process.stdout.write(values.json ? `${JSON.stringify(scores)}\n` : `The guest's page:\n${lines.join("\n")}\n`);
    return scores.every(({ score }) => score === 100) ? 0 : 1;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

process.exitCode = await main();
