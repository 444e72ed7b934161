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
  const run = (options: object) =>
    `axe.run(${JSON.stringify(exclude === undefined ? "html" : { exclude: [exclude] })}, ${JSON.stringify(options)})`;
  // To bring it again would take longer than to look.
  const isThere = (await page.evaluate("'axe' in window")) as boolean;
  const builder = new AxeBuilder({ page }).setLegacyMode().options(OPTIONS);
  if (exclude !== undefined) builder.exclude(exclude);
  const light: Found = await (isThere ? page.evaluate(run(OPTIONS)) : builder.analyze());
  await page.emulateMedia({ colorScheme: "dark" });
  const dark: Found = await page.evaluate(run({ ...OPTIONS, runOnly: ["color-contrast"] }));
  await page.emulateMedia({ colorScheme: "light" });
  return [...light.violations, ...dark.violations].map(({ id, nodes }) => `${id}: ${String(nodes[0]?.html)}`);
}
