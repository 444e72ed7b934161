import { DESKTOP_SCALE, follow, scrollTo, untilLive, type Visit } from "./visit.ts";

const FLOW_SIZE = { width: 1280, height: 920 };
const SIZE = { width: 1280, height: 850 };

/** The console with a hop that is open, and what can be looked at from there. */
export async function visitConsole({ kit, camera, keep }: Visit): Promise<void> {
  const { urls, room } = kit;
  const page = await camera.open(FLOW_SIZE, DESKTOP_SCALE);
  await page.goto(urls.deviceDb);
  await untilLive(page);
  const second = page.locator("article.flow").nth(1);
  await second.locator('[data-part="broker"] summary').click();
  keep("console.png", await page.screenshot());

  await page.setViewportSize(SIZE);
  await follow(page, "Spa Terrace");
  await untilLive(page);
  await scrollTo(page, ".toolbar");
  keep("console-session.png", await page.screenshot());
  await page.goto(`${urls.deviceDb}/devices`);
  keep("console-devices.png", await page.screenshot());
  await page.goto(`${urls.deviceDb}/deliveries?serial=${room("Spa Terrace").serial}`);
  await Promise.all([page.waitForEvent("load"), page.locator("tbody a").first().click()]);
  keep("console-delivery.png", await page.screenshot());
  await page.context().close();
}
