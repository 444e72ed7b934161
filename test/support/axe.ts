import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";

const OPTIONS = { resultTypes: ["violations" as const], preload: false, rules: { "target-size": { enabled: true } } };

type Found = { violations: { id: string; nodes: { html: string }[] }[] };

/**
 * What axe-core finds on a page, in the light and in the dark: all but the colours is in the dark as in the light.
 *
 * @param exclude a selector of what is not looked at
 */
export async function violationsOf(page: Page, exclude?: string): Promise<string[]> {
  const light = await run(page, {}, exclude);
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await run(page, { runOnly: ["color-contrast"] }, exclude);
  await page.emulateMedia({ colorScheme: "light" });
  return [...light, ...dark];
}

async function run(page: Page, only: { runOnly?: string[] }, exclude?: string): Promise<string[]> {
  const options = { ...OPTIONS, ...only };
  // To bring it again would take longer than to look.
  const isThere = (await page.evaluate("'axe' in window")) as boolean;
  const builder = new AxeBuilder({ page }).setLegacyMode().options(options);
  if (exclude !== undefined) builder.exclude(exclude);
  const context = exclude === undefined ? "html" : { exclude: [exclude] };
  const again = `axe.run(${JSON.stringify(context)}, ${JSON.stringify(options)})`;
  const { violations }: Found = await (isThere ? page.evaluate(again) : builder.analyze());
  return violations.map(({ id, nodes }) => `${id}: ${String(nodes[0]?.html)}`);
}
