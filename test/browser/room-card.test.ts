import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { LANGUAGES } from "../../bot/languages.ts";
import { message } from "../../bot/messages.ts";
import { launchChromium } from "../../scripts/scenarios/chromium.ts";
import { decodeQrPng } from "../../scripts/scenarios/qr-link.ts";
import { violationsOf } from "../support/axe.ts";
import { post } from "../support/chat-guest.ts";
import { SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { askOperator, type Kit, openKit } from "../support/kit.ts";

const ALL = LANGUAGES.map(({ tag }) => tag);
/** The longest that the registry takes, and what the card makes of markup. */
const LONG = { serial: "A".repeat(32), room: `<b>${"The Presidential Suite & Terrace ".repeat(3)}`.slice(0, 80) };
/** Four modules of the smallest code that a link fits into. */
const QUIET_ZONE = (4 / 33) * 46 - 0.1;
const A6 = { width: 105, height: 148 };
/** Millimetres in a CSS pixel, and in a PDF's point. */
const PX = 25.4 / 96;
const POINT = 25.4 / 72;

let kit: Kit;
let browser: Browser;
let folder = "";
const urls: Record<string, string> = {};
beforeAll(async () => {
  await using opening = new AsyncDisposableStack();
  kit = opening.use(await openKit("safe"));
  browser = opening.use(await launchChromium());
  folder = await mkdtemp(join(tmpdir(), "cards-"));
  opening.defer(() => rm(folder, { recursive: true, force: true }));
  const added = await fetch(`${kit.urls.deviceDb}/api/devices`, post({ ...LONG, timeZone: "Etc/UTC" }, asOperator()));
  expect(added.status).toBe(201);
  for (const serial of [SERIAL, LONG.serial]) urls[serial] = await eventually(() => launchUrlOf(serial));
  const owned = opening.move();
  return () => owned.disposeAsync();
}, 60_000);

const asOperator = () => ({ authorization: `Bearer ${kit.secrets.operatorKey}` });

async function launchUrlOf(serial: string): Promise<string> {
  const answer = await askOperator(`${kit.urls.bot}/api/launch/${serial}`, kit.secrets);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { url: string }).url;
}

/** The cards as somebody opens the file; that it asks for anything else fails the test. */
async function withCards(serials: string[], languages: string[], look: (page: Page) => Promise<void>): Promise<void> {
  const file = join(folder, `${languages.join("-")}.html`);
  const cards = await fetch(`${kit.urls.bot}/api/cards`, post({ serials, languages }, asOperator()));
  await writeFile(file, await cards.bytes());
  const context = await browser.newContext({ viewport: { width: 900, height: 1_200 }, deviceScaleFactor: 2 });
  const page = await context.newPage();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  try {
    await page.goto(pathToFileURL(file).href);
    await look(page);
    expect(asked).toEqual([pathToFileURL(file).href]);
  } finally {
    await context.close();
  }
}

type Part = { name: string; top: number; bottom: number; width: number };

/** Each card in millimetres: its size, how near anything comes to the cut, and its parts from above. */
function measureCards(page: Page): Promise<{ size: [number, number]; nearest: number; parts: Part[] }[]> {
  return page.evaluate(`[...document.querySelectorAll(".card")].map((card) => {
    const mm = (pixels) => pixels * ${String(PX)};
    const cut = card.getBoundingClientRect();
    const distances = [...card.querySelectorAll("*")].map((part) => {
      const { left, top, right, bottom } = part.getBoundingClientRect();
      return Math.min(left - cut.left, top - cut.top, cut.right - right, cut.bottom - bottom);
    });
    const parts = [...card.children].map((part) => {
      const { top, bottom, width } = part.getBoundingClientRect();
      return { name: part.className || part.tagName, top: mm(top), bottom: mm(bottom), width: mm(width) };
    });
    return { size: [mm(cut.width), mm(cut.height)].map(Math.round), nearest: mm(Math.min(...distances)), parts };
  })`);
}

const CHOICES = [["en"], ["en", "zh-Hant"], ["de", "fr"], ["fr", "ja"], ["en", "zh-Hant", "ja"], ALL];

describe.each(CHOICES.map((languages) => ({ languages, name: languages.join(", ") })))(
  "a card in $name",
  ({ languages }) => {
    test("says in each language what to do, and leads to the room's chat", async () => {
      await withCards([SERIAL], languages, async (page) => {
        for (const language of languages as typeof ALL) {
          for (const key of ["card.title", "card.steps"] as const)
            expect(await page.getByText(message(language, key)).isVisible()).toBe(true);
        }
        expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Room 101");
        expect(await decodeQrPng(await page.locator(".card").screenshot())).toBe(kit.launchUrl);
      });
    });

    test("keeps its parts apart and away from the cut, with the longest names too", async () => {
      await withCards([SERIAL, LONG.serial], languages, async (page) => {
        for (const { size, nearest, parts } of await measureCards(page)) {
          expect(size).toEqual([A6.width, A6.height]);
          expect(nearest).toBeGreaterThan(5.9);
          const gaps = parts.slice(1).map(({ name, top }, at) => [name, top - (parts[at]?.bottom ?? 0)] as const);
          expect(gaps.filter(([, gap]) => gap < 0)).toEqual([]);
          const around = gaps.flatMap(([name, gap], at) => (name === "code" || parts[at]?.name === "code" ? gap : []));
          expect(around.length).toBe(2);
          expect(Math.min(...around)).toBeGreaterThan(QUIET_ZONE);
          const code = parts.find(({ name }) => name === "code");
          expect(Math.min(code?.width ?? 0, (code?.bottom ?? 0) - (code?.top ?? 0))).toBeGreaterThanOrEqual(45);
        }
      });
    });

    test("prints on one A6 page each, with a code that can be read", async () => {
      await withCards([SERIAL, LONG.serial, SERIAL], languages, async (page) => {
        const pdf = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
        const sizes = [...pdf.matchAll(/\/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]/g)].map(([, ...sides]) =>
          sides.map((side) => Math.round(Number(side) * POINT)),
        );
        expect(sizes).toEqual(Array(3).fill([A6.width, A6.height]));
        expect(pdf.match(/\/Type\s*\/Page\b/g)).toHaveLength(3);

        await page.emulateMedia({ media: "print", colorScheme: "dark" });
        const shown = [];
        for (const card of await page.locator(".card").all()) shown.push(await decodeQrPng(await card.screenshot()));
        expect(shown).toEqual([SERIAL, LONG.serial, SERIAL].map((serial) => urls[serial]));
      });
    });

    test("has nothing that axe-core finds", async () => {
      await withCards([SERIAL, LONG.serial], languages, async (page) => {
        expect(await violationsOf(page)).toEqual([]);
      });
    });
  },
);

test("the picture of a code can be read, drawn as SVG too", async () => {
  const svg = await (await askOperator(`${kit.urls.bot}/api/launch/${SERIAL}?as=svg`, kit.secrets)).text();
  const page = await browser.newPage({ viewport: { width: 400, height: 400 } });
  await page.setContent(`<style>body { margin: 0; background: #888 }</style>${svg}`);
  expect(await decodeQrPng(await page.screenshot())).toBe(kit.launchUrl);
  await page.close();
});
