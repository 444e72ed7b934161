import { expect, test } from "vitest";
import { freePorts } from "../../scripts/free-ports.ts";
import { launchChromium } from "../../scripts/scenarios/chromium.ts";
import { openGuestBot } from "../support/guest-bot.ts";
import { becomes, hears, openLive, tap, tells, withPage } from "../support/guest-page.ts";

test("over a name of the local network on plain HTTP everything works, with a plain cookie", async () => {
  const [port = 0] = await freePorts(1);
  await using bot = await openGuestBot({ port, publicUrl: `http://hotel.test:${String(port)}` });
  await using browser = await launchChromium(["--host-resolver-rules=MAP hotel.test 127.0.0.1"]);
  await withPage(browser, {}, async (page) => {
    const stream = page.waitForEvent("websocket");
    await openLive(page, bot.launchUrl);
    expect((await stream).url()).toContain(`ws://hotel.test:${String(port)}/v3/directline/`);
    expect(await page.evaluate("[isSecureContext, typeof crypto.randomUUID]")).toEqual([false, "undefined"]);
    const cookies = await page.context().cookies();
    expect(cookies).toMatchObject([{ httpOnly: true, secure: false, sameSite: "Lax" }]);
    expect(cookies[0]?.name).toMatch(/^aromapod-[\da-f]{12}$/);
    await tap(page, "Water");
    await tells(page, "Sent to your AromaPod");
    await hears(page, [
      "Your AromaPod: Which scent would you like?",
      "You: Water",
      "Your AromaPod: Thank you. I am asking your AromaPod for water.",
    ]);
    await bot.pod.replies("accepted");
    await becomes(page, "ended");
    await page.reload();
    await becomes(page, "ended");
  });
});
