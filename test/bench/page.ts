/** `npm run bench:page`: how long a guest with a slow phone in a slow network waits for the page, and how heavy it is. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { launchChromium } from "../../scripts/scenarios/chromium.ts";
import { startHotel } from "./hotel.ts";
import { type PageVisit, visitPage } from "./page-visit.ts";
import { openSlowNetwork } from "./slow-network.ts";
import { median } from "./statistics.ts";

const NETWORK = { bitsPerSecond: 1_600_000, roundTripMs: 150 };
const VISITS = 7;

const GOALS = [
  { name: "question visible", unit: "ms", atMost: 1_000, of: ({ questionMs }: PageVisit) => questionMs },
  { name: "thanks after the tap", unit: "ms", atMost: 300, of: ({ answeredMs }: PageVisit) => answeredMs },
  { name: "transferred", unit: "bytes", atMost: 12_000, of: ({ bytes }: PageVisit) => bytes },
  { name: "requests", unit: "", atMost: 4, of: ({ requests }: PageVisit) => requests },
] as const;

type Figure = { name: string; unit: string; measured: number; atMost: number; ok: boolean };

async function measure(dir: string): Promise<Figure[]> {
  await using opening = new AsyncDisposableStack();
  const { urls, launchPaths, close } = await startHotel(dir, 1);
  opening.defer(close);
  const network = opening.use(await openSlowNetwork(urls.bot, NETWORK));
  const browser = opening.use(await launchChromium());
  const url = `${network.url}${launchPaths[0] ?? ""}`;
  // The first start of the browser and of the bot is not the guest's to wait for.
  await visitPage(browser, url);
  const visits: PageVisit[] = [];
  for (let visit = 0; visit < VISITS; visit++) visits.push(await visitPage(browser, url));
  return GOALS.map(({ name, unit, atMost, of }) => {
    const measured = Math.round(median(visits.map(of)));
    return { name, unit, measured, atMost, ok: measured <= atMost };
  });
}

function render(figures: readonly Figure[]): string {
  const rows = figures.map(
    ({ name, unit, measured, atMost, ok }) =>
      `  ${ok ? "met   " : "MISSED"}  ${name.padEnd(22)}${`${String(measured)} ${unit}`.padStart(12)}   at most ${String(atMost)} ${unit}`,
  );
  const how = `1.6 Mbit/s, 150 ms there and back, processor ÷4, empty cache; the median of ${String(VISITS)} visits.`;
  return `The guest's page in Chromium, ${how}\n${rows.join("\n")}\n`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
  process.stderr.write("Measuring, about a minute.\n");
  const dir = mkdtempSync(join(tmpdir(), "aromapod-page-"));
  try {
    const figures = await measure(dir);
    const ok = figures.every((figure) => figure.ok);
    process.stdout.write(values.json ? `${JSON.stringify({ ok, figures })}\n` : render(figures));
    return ok ? 0 : 1;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

process.exitCode = await main();
