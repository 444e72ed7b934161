import type { Page } from "playwright-core";
import { beforeEach, expect, test } from "vitest";
import type { HandName } from "../../device-sim/hand-contract.ts";
import { inBrowser } from "../support/browser.ts";
import { beginChat } from "../support/chat-guest.ts";
import { SERIAL } from "../support/devices.ts";
import { listUsages } from "../support/erp-calls.ts";
import { withPage } from "../support/guest-page.ts";
import { erpOf } from "../support/kit.ts";
import { openPodKit, openPodPage } from "../support/pod-kit.ts";
import { openPods } from "../support/pod-system.ts";

const PATIENCE = { timeout: 10_000 };
const WIDE = { width: 1440, height: 900 };

const here = inBrowser(() => openPodKit());
beforeEach(() => here.system.settle());

const address = () => here.system.address;
const lay = (...[hand, body]: [HandName, object]) => here.system.lay(hand, body);
const viewOf = () => here.system.view();

const doing = (page: Page) => page.locator("#now").textContent();
const tells = (page: Page, sentence: string) => expect.poll(() => doing(page), PATIENCE).toBe(sentence);
const notice = (page: Page) => page.locator("#notice").textContent();
const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
const colourOf = (page: Page, selector: string) =>
  page.evaluate(`getComputedStyle(document.querySelector("${selector}")).getPropertyValue("--accent")`);
const plumeOf = (page: Page) => page.evaluate(`getComputedStyle(document.querySelector(".plume")).opacity`);
const usages = () => listUsages(erpOf(here.system));

test.for([true, false])(
  "a press on the pod's keys is one usage in the ERP, and its end; script: %s",
  async (javaScriptEnabled) => {
    const before = await usages();
    await withPage(here.browser, { ...WIDE, javaScriptEnabled }, async (page) => {
      await page.goto(here.system.urls.deviceSim);
      expect(page.url()).toBe(address());
      await press(page, "Next scent");
      await tells(page, "Fire is in the air, at normal intensity.");
      expect(await notice(page)).toBe("Pressed.");
      expect(page.url()).toBe(address() + (javaScriptEnabled ? "" : "?done=press"));
      const added = async () => (await usages()).filter(({ id }) => before.every((one) => one.id !== id));
      await expect.poll(added, PATIENCE).toMatchObject([{ serial: SERIAL, scent: "fire", checkoutAt: null }]);
      await press(page, "Stop");
      await tells(page, "At rest: nobody has checked in.");
      await expect.poll(added, PATIENCE).toMatchObject([{ scent: "fire", checkoutAt: expect.any(String) as string }]);
      await expect.poll(async () => (await page.reload(), page.getByText("0 events").count()), PATIENCE).toBe(1);
      expect(await added()).toHaveLength(1);
    });
  },
);

test("what a guest asks for appears on an open page, in the scent's colour", async () => {
  await withPage(here.browser, {}, async (page) => {
    await openPodPage(page, address());
    expect(await plumeOf(page)).toBe("0");
    const guest = await beginChat(here.system.launchUrl);
    await guest.say("water");
    await tells(page, "Water is in the air, at normal intensity.");
    await expect.poll(() => plumeOf(page), PATIENCE).toBe("1");
    expect(await colourOf(page, ".stage")).toBe(await colourOf(page, ".facts .water"));
    expect(await page.locator(".vial.on").getAttribute("class")).toContain("water");
    expect(await page.locator("dt:text('Stay') + dd").textContent()).toBe("water");
  });
});

test("an open page says what the server says, to the letter", async () => {
  await withPage(here.browser, WIDE, async (page) => {
    await openPodPage(page, address());
    await lay("checkin", { scent: "air" });
    await lay("drain", { scent: "fire" });
    await lay("remove", { scent: "wood" });
    await lay("schedule", { startTime: "22:00", endTime: "06:00", timeZone: "Asia/Hong_Kong" });
    await lay("fault", { faults: ["late=1s", "garbage"], seed: 5 });
    await lay("intensity", { level: 3 });
    await expect.poll(() => page.locator("input[name=seed]").getAttribute("value"), PATIENCE).toBe("5");
    await expect.poll(async () => (await viewOf()).unacked, PATIENCE).toBe(0);
    const shown = () => page.locator("#pod").innerHTML();
    const served = async () => {
      const markup = await (await fetch(address())).text();
      return page.evaluate(
        `new DOMParser().parseFromString(${JSON.stringify(markup)}, "text/html").querySelector("#pod").innerHTML`,
      );
    };
    await expect.poll(async () => (await shown()) === (await served()), PATIENCE).toBe(true);
    expect(await page.locator(".mark").count()).toBe(4);
  });
});

test("a page that is brought up to date leaves alone what somebody types, and where", async () => {
  await withPage(here.browser, WIDE, async (page) => {
    await openPodPage(page, address());
    const zone = page.getByLabel("Time zone of the room");
    await zone.fill("Europe/Ber");
    await lay("checkin", { scent: "wood" });
    await tells(page, "Wood is in the air, at normal intensity.");
    expect([await zone.inputValue(), await zone.evaluate("document.activeElement.name")]).toEqual([
      "Europe/Ber",
      "timeZone",
    ]);
  });
});

test("an answer that comes late takes back nothing of what has happened since", async () => {
  await withPage(here.browser, WIDE, async (page) => {
    await openPodPage(page, address());
    await page.route("**/checkin", async (route) => {
      const response = await route.fetch();
      await tells(page, "Wood is in the air, at normal intensity.");
      await lay("checkout", {});
      await tells(page, "At rest: nobody has checked in.");
      await route.fulfill({ response });
    });
    await press(page, "wood");
    await expect.poll(() => notice(page), PATIENCE).toBe("Checked in.");
    expect(await doing(page)).toBe("At rest: nobody has checked in.");
  });
});

test("the room is the hotel's, wherever the page is looked at", async () => {
  const context = await here.browser.newContext({ timezoneId: "Pacific/Auckland" });
  const page = await context.newPage();
  await page.goto(address());
  expect(await page.getByLabel("Time zone of the room").inputValue()).toBe("Asia/Hong_Kong");
  await context.close();
});

test.for([true, false])("a fault shows and works, and is taken off again; script: %s", async (javaScriptEnabled) => {
  await withPage(here.browser, { ...WIDE, javaScriptEnabled }, async (page) => {
    const led = async () => {
      if (!javaScriptEnabled) await page.goto(address());
      return page.locator(".led").textContent();
    };
    await page.goto(address());
    expect([await led(), await page.locator(".tape").isVisible()]).toEqual(["online", false]);
    await page.getByLabel("late", { exact: true }).check();
    await page.getByLabel("Value of late").fill("soon");
    await press(page, "Put on");
    await expect.poll(() => notice(page), PATIENCE).toContain('"late=soon" does not fit: late takes a time');
    expect(await page.getByLabel("Value of late").inputValue()).toBe("soon");
    await page.getByLabel("Value of late").fill("1ms");
    await page.getByLabel("offline", { exact: true }).check();
    await press(page, "Put on");
    await expect.poll(led, PATIENCE).toBe("offline");
    expect(await page.locator(".tape").textContent()).toBe("2 faults are on");
    expect((await viewOf()).faults).toEqual(["late=1ms", "offline"]);
    await press(page, "Take all off");
    await expect.poll(led, PATIENCE).toBe("online");
    expect(await page.locator(".tape").isVisible()).toBe(false);
    expect(await page.getByRole("checkbox", { checked: true }).count()).toBe(0);
  });
});

test("a pod that is disabled at the broker is refused, by its lamp too", async () => {
  const { urls, secrets } = here.system;
  const turn = (to: "enable" | "disable") =>
    fetch(`${urls.deviceDb}/api/devices/${SERIAL}/${to}`, {
      method: "POST",
      headers: { authorization: `Bearer ${secrets.operatorKey}` },
    });
  await withPage(here.browser, {}, async (page) => {
    await openPodPage(page, address());
    await turn("disable");
    await expect.poll(() => page.locator(".led").textContent(), PATIENCE).toBe("refused");
    expect(await page.locator(".trouble").textContent()).toBe("The broker refuses it.");
    await turn("enable");
    await expect.poll(() => page.locator(".led").textContent(), PATIENCE).toBe("online");
  });
});

test.for([true, false])(
  "a capsule is drained, taken out and put in; what is not there is refused with the reason; script: %s",
  async (javaScriptEnabled) => {
    await withPage(here.browser, { javaScriptEnabled }, async (page) => {
      await page.goto(address());
      const level = () => page.locator(".vial.wood").getAttribute("data-slot");
      const height = () => page.locator(".vial.wood .liquid").getAttribute("height");
      expect([await level(), await height()]).toEqual(["some", "108"]);
      await press(page, "Drain wood");
      await expect.poll(level, PATIENCE).toBe("empty");
      expect([await height(), await page.getByRole("meter", { name: "Left of wood" }).getAttribute("value")]).toEqual([
        "0",
        "0",
      ]);
      await press(page, "wood");
      await expect.poll(() => notice(page), PATIENCE).toBe("The pod refuses: the wood capsule is empty.");
      await press(page, "Remove wood");
      await expect.poll(level, PATIENCE).toBe("missing");
      await press(page, "wood");
      await expect.poll(() => notice(page), PATIENCE).toBe("The pod refuses: there is no wood capsule.");
      expect(await page.locator(".capsules > li").nth(1).textContent()).toContain("missing");
      await press(page, "Put in wood");
      await expect.poll(level, PATIENCE).toBe("some");
      expect((await viewOf()).state.stay).toBeNull();
    });
  },
);

test("with the keyboard alone: a key, the dial, a window", async () => {
  await withPage(here.browser, WIDE, async (page) => {
    await openPodPage(page, address());
    const focused = () =>
      page.evaluate(`(document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent).trim()`);
    const reach = async (name: string) => {
      for (let n = 0; n < 60 && (await focused()) !== name; n++) await page.keyboard.press("Tab");
      expect(await focused()).toBe(name);
    };
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Skip to the content");
    await page.keyboard.press("Enter");
    await reach("Next scent");
    await page.keyboard.press("Enter");
    await tells(page, "Fire is in the air, at normal intensity.");
    expect(await focused()).toBe("Next scent");
    await reach("3 strong");
    await page.keyboard.press("Space");
    await tells(page, "Fire is in the air, at strong intensity.");
    expect(await page.locator("[aria-pressed=true]").textContent()).toBe("3 strong");
    await reach("Set the window");
    await page.keyboard.press("Enter");
    await expect.poll(() => notice(page), PATIENCE).toBe("The window is set.");
    expect(await page.locator("dt:text('Schedule') + dd").textContent()).toMatch(
      /^fire, 08:00 to 12:00, Asia\/Hong_Kong/,
    );
    await reach("Put on");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Shift+Tab");
    expect(await focused()).toBe("Value of flaky-wifi");
  });
});

test("a page whose simulator is away says so, and that nothing is known", async () => {
  await using pods = await openPods("mqtt://127.0.0.1:9", { serials: [SERIAL] });
  await withPage(here.browser, {}, async (page) => {
    await openPodPage(page, `${pods.url()}/pods/${SERIAL}`);
    await pods.stop();
    await expect.poll(() => page.locator("#live").textContent(), PATIENCE).toBe("Reconnecting");
    await press(page, "Stop");
    await expect.poll(() => notice(page), PATIENCE).toContain("nothing is known of what became of that");
  });
});
