import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { evidenceHtml } from "../../scripts/evidence/html.ts";
import type { Evidence } from "../../scripts/scenarios/outcome.ts";
import { violationsOf } from "../support/axe.ts";
import { inBrowser } from "../support/browser.ts";
import { FLAWS } from "../support/erp-findings.ts";
import { evidenceOf, hostile, mixed, proof, repeated } from "../support/evidence.ts";
import { type Look, withPage } from "../support/guest-page.ts";

const here = inBrowser(async () => {
  const folder = await mkdtemp(join(tmpdir(), "evidence-"));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
});

const EVIDENCE: [name: string, evidence: () => Evidence][] = [
  ["one scenario", proof],
  ["many scenarios", mixed],
  ["many runs", () => repeated(30, [2])],
  ["hostile words", hostile],
  ["nothing", () => evidenceOf([])],
];

/** The report as somebody opens the file; that it asks for anything else fails the test. */
async function withReport(markup: string, look: Look, visit: (page: Page) => Promise<void>): Promise<void> {
  const file = join(here.system.folder, `${String(Math.random())}.html`);
  await writeFile(file, markup);
  await withPage(here.browser, look, async (page) => {
    const asked: string[] = [];
    page.on("request", (request) => request.url().startsWith("data:") || asked.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    await visit(page);
    expect(asked).toEqual([pathToFileURL(file).href]);
  });
}

const POLICY = / content="default-src[^"]*"/;
/** Of what is alike on a page, what is not looked at again. */
const OTHERS = "tbody tr:nth-child(n + 6), .wire li:nth-child(n + 3), g ~ g";

/** One that passed, with pictures; one that failed; one in which something failed on the way. */
function few(): Evidence {
  const { outcomes, ...rest } = mixed();
  return { ...rest, outcomes: [0, 4, 5].flatMap((at) => outcomes[at] ?? []) };
}

const openAll = (page: Page) =>
  page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");

test.each(EVIDENCE)("nothing sticks out or is cut off, from a small phone to a desk: %s", async (_, evidence) => {
  await withReport(evidenceHtml(evidence()), {}, async (page) => {
    await openAll(page);
    for (const width of [320, 390, 700, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      expect([width, await page.evaluate(FLAWS)]).toEqual([width, []]);
    }
  });
});

test.each([390, 1280])(
  "axe-core finds nothing, in the light and in the dark: %i px",
  { timeout: 60_000 },
  async (width) => {
    await withReport(evidenceHtml(few()), { width }, async (page) => {
      await openAll(page);
      expect(await violationsOf(page, OTHERS)).toEqual([]);
    });
  },
);

test("the check sees what does not fit, and letters that are hard to read", async () => {
  const markup = evidenceHtml(proof()).replace(POLICY, "");
  const spoilt = markup.replace("</style>", ".origin { width: 40rem } .took { color: #bbb }</style>");
  await withReport(spoilt, { width: 390 }, async (page) => {
    expect(await page.evaluate(FLAWS)).not.toEqual([]);
    expect(await violationsOf(page, OTHERS)).toEqual([expect.stringContaining("color-contrast")]);
  });
});

test("it is styled, and its pictures show, under its own policy; what is slipped in does not run", async () => {
  const markup = evidenceHtml(mixed()).replace("<main>", "<main><script>document.title = 'taken over'</script>");
  await withReport(evidenceHtml(mixed()), { width: 1280 }, async (page) => {
    await openAll(page);
    expect(await page.evaluate("getComputedStyle(document.querySelector('h1')).display")).toBe("flex");
    expect(await page.evaluate("[...document.images].map((image) => image.naturalWidth > 0)")).toEqual([true, true]);
  });
  const titles: string[] = [];
  const visit = async (page: Page) => void titles.push(await page.title());
  await expect(withReport(markup, {}, visit)).rejects.toThrow("to deeply equal []");
  await withReport(markup.replace(POLICY, ""), {}, visit);
  expect(titles).toEqual([expect.stringMatching(/^2 of 8/), "taken over"]);
});

test("a line of the contents opens what it leads to, by the keyboard too", async () => {
  await withReport(evidenceHtml(mixed()), { width: 1280 }, async (page) => {
    const conversation = page
      .locator("article", { hasText: "Two guests on one pod" })
      .getByText("Ann", { exact: true });
    expect(await conversation.isVisible()).toBe(false);
    await page.getByRole("link", { name: "Two guests on one pod" }).press("Enter");
    await expect.poll(() => conversation.isVisible(), { timeout: 10_000 }).toBe(true);
  });
});

test("those who hear it get headings, names of tables, and the flow in words", async () => {
  await withReport(evidenceHtml(proof()), {}, async (page) => {
    const headings = await page.getByRole("heading").allTextContents();
    expect(headings.slice(0, 5)).toEqual([
      "“The POC script” passed.",
      "Where it was played",
      "What happened",
      "The POC script",
      "The conversation",
    ]);
    expect(await page.getByRole("img", { name: "The guest’s session, hop by hop" }).count()).toBe(1);
    expect(await page.locator("svg desc").textContent()).toMatch(
      /^phone: chat opened; bot: asked; .*ERP: called; ERP: answered;/,
    );
    expect(await page.getByRole("table", { name: "Usages in the ERP" }).count()).toBe(1);
  });
});

const pagesOf = (pdf: Buffer) => pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
const sizesOf = (pdf: Buffer) =>
  [...pdf.toString("latin1").matchAll(/\/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]/g)].map(([, ...sides]) =>
    sides.map((side) => Math.round((Number(side) * 25.4) / 72)),
  );
const print = (page: Page) => page.pdf({ preferCSSPageSize: true });

/** What of the report is seen on paper. */
const seenOnPaper = async (page: Page): Promise<string> => {
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  return (await page.evaluate("document.body.innerText")) as string;
};

test("printed it shows everything, also what is closed on the screen, and on A4", { timeout: 60_000 }, async () => {
  const evidence = mixed();
  await withReport(evidenceHtml(evidence), {}, async (page) => {
    const pdf = await print(page);
    expect(new Set(sizesOf(pdf).map(String))).toEqual(new Set(["210,297"]));
    // Two or three pages for each scenario, and one before.
    expect(pagesOf(pdf)).toBeGreaterThan(2 * evidence.outcomes.length);
    expect(pagesOf(pdf)).toBeLessThanOrEqual(4 * evidence.outcomes.length + 1);
    const text = await seenOnPaper(page);
    for (const { said, flows, usages, steps } of evidence.outcomes) {
      const words = [
        ...said.map((saying) => saying.text),
        ...steps.map(({ name }) => name),
        ...usages.map(({ ref }) => ref ?? ""),
      ];
      const hops = flows.flatMap((flow) => flow.hops.flatMap(({ at, detail }) => [at.slice(11, 23), detail]));
      for (const word of [...words, ...hops]) expect(text).toContain(word);
    }
  });
});

test("what opens it on paper is the rule for paper", async () => {
  const markup = evidenceHtml(mixed()).replace(POLICY, "").replace("::details-content", "::none");
  await withReport(markup, {}, async (page) => {
    expect(await seenOnPaper(page)).not.toContain("Sorry, I did not understand that.");
  });
});

test("paper is white, in the dark too, and nothing sticks out of it", async () => {
  await withReport(evidenceHtml(hostile()), { width: 680, colorScheme: "dark" }, async (page) => {
    await seenOnPaper(page);
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
    expect(await page.evaluate("getComputedStyle(document.body).color")).toBe("rgb(38, 35, 31)");
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(680);
  });
});

test("hundreds of runs are some twenty pages", { timeout: 60_000 }, async () => {
  await withReport(evidenceHtml(repeated(200, [7])), {}, async (page) => {
    expect(pagesOf(await print(page))).toBeLessThan(25);
  });
});
