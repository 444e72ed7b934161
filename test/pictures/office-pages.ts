import type { Page } from "playwright-core";
import { TIME_ZONE } from "./rooms.ts";
import { DESKTOP, DESKTOP_SCALE, follow, scrollTo, type Visit } from "./visit.ts";

/** The ERP's back office, as its first administrator has it. */
export async function visitOffice({ kit, keep }: Visit, page: Page): Promise<void> {
  const { erp } = kit.urls;
  await page.goto(erp);
  keep("erp-today.png", await page.screenshot());
  await page.goto(`${erp}/device-usages`);
  keep("erp-usages.png", await page.screenshot());
  const month = Temporal.Now.plainDateISO(TIME_ZONE).toPlainYearMonth().subtract({ months: 1 });
  const from = month.toPlainDate({ day: 1 }).toString();
  const to = month.toPlainDate({ day: month.daysInMonth }).toString();
  await page.setViewportSize({ ...DESKTOP, height: 880 });
  await page.goto(`${erp}/reports/billables?client_id=1&from=${from}&to=${to}`);
  keep("erp.png", await page.screenshot());
  await page.setViewportSize(DESKTOP);
  await page.goto(`${erp}/docs`);
  await scrollTo(page, ".tag");
  keep("erp-docs.png", await page.screenshot());
}

/** A window in which the first administrator has signed in, by the link that the first start prints. */
export async function openOffice({ kit, camera }: Visit): Promise<Page> {
  const page = await camera.open(DESKTOP, DESKTOP_SCALE);
  await page.goto(kit.erpSetUpUrl);
  await page.getByLabel("Your name").fill("Ann Chan");
  await page.getByLabel("E-mail").fill("ann@harbour-view.example");
  await page.getByLabel("Password").fill("a password for the pictures");
  await follow(page, "Begin", "button");
  return page;
}
