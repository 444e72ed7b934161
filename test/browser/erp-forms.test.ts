/** Forms of the back office, as people fill them in who err, who are not alone, and who have a keyboard only. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { inBrowser } from "../support/browser.ts";
import { callApi } from "../support/erp-office.ts";
import {
  alerted,
  field,
  fill,
  focusedIn,
  marksOf,
  PASSWORD,
  press,
  pressKey,
  signIn,
  spoken,
  tabTo,
  told,
} from "../support/erp-pages.ts";
import { openErp } from "../support/erp-system.ts";
import { addRow } from "../support/erp-two-clients.ts";
import { type Look, withPage } from "../support/guest-page.ts";

const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1440, height: 900 };
const POD = "HKAP0100000001";

const here = inBrowser(() => openErp());

const heading = (page: Page) => page.getByRole("heading", { level: 1 }).textContent();

/** A page of the demo's ERP, where somebody has signed in. */
async function atWork(look: Look, work: (page: Page, url: string) => Promise<void>): Promise<void> {
  await withPage(here.browser, look, async (page) => {
    await signIn(page, here.system);
    await work(page, here.system.url);
  });
}

test.for([true, false])(
  "what was wrong is told at its field, and all that was typed stays; script: %s",
  async (javaScriptEnabled) => {
    await atWork({ ...PHONE, javaScriptEnabled }, async (page, url) => {
      await page.goto(`${url}/clients/new`);
      const typed = {
        Name: `Thermes de l'Étoile <b>& ${String(javaScriptEnabled)}`,
        Corporation: "Katlai Demo Hotels",
        Type: "spa",
        "Time zone": "Mars/Olympus",
        "Charge rate": "a lot",
        Charged: "daily",
      };
      await fill(page, typed);
      await press(page, "Add this client");
      await alerted(page, "Nothing was saved yet: please correct what is marked.");
      expect(await field(page, "Name").inputValue()).toBe(typed.Name);
      expect(await field(page, "Corporation").locator("option:checked").textContent()).toBe(typed.Corporation);
      expect(await marksOf(page)).toEqual({
        "Charge rate": ["a lot", "For each started hour, or each day. Enter an amount such as 25.00."],
      });
      expect(await focusedIn(page)).toBe("charge_rate_cents");
      await page.keyboard.press("ControlOrMeta+A");
      await page.keyboard.type("120");
      await press(page, "Add this client");
      expect(await marksOf(page)).toEqual({
        "Time zone": ["Mars/Olympus", "Its days begin at midnight there. The timezone field must be a valid timezone."],
      });
      expect(await focusedIn(page)).toBe("timezone");
      await fill(page, { "Time zone": "Europe/Paris" });
      await press(page, "Add this client");
      await told(page, "Added.");
    });
  },
);

test("what is taken already is told at its field", async () => {
  await atWork(DESKTOP, async (page, url) => {
    await page.goto(`${url}/devices/new`);
    await fill(page, { Serial: POD, Type: "Aroma Pod Pro 4 capsules" });
    await press(page, "Add this device");
    expect(await marksOf(page)).toEqual({
      Serial: [POD, "As it is printed on the device. The serial has already been taken."],
    });
  });
});

test("who saves what somebody else has changed meanwhile is told so first", async () => {
  await atWork(DESKTOP, async (page, url) => {
    const id = await addRow(here.system, "rooms", { client_id: 1, name: "Room 201" });
    const change = (name: string) =>
      callApi(here.system, `/rooms/${String(id)}`, { method: "PATCH", body: { client_id: 1, name } });
    await page.goto(`${url}/rooms/${String(id)}`);
    await change("Room 202");
    await fill(page, { Name: "Room 203" });
    await press(page, "Save");
    await alerted(page, "This room was changed meanwhile: look at it again.");
    expect(await field(page, "Name").inputValue()).toBe("Room 203");
    expect(await callApi(here.system, `/rooms/${String(id)}`)).toMatchObject({ body: { name: "Room 202" } });
    await press(page, "Save");
    await told(page, "Changed.");
    expect(await callApi(here.system, `/rooms/${String(id)}`)).toMatchObject({ body: { name: "Room 203" } });
  });
});

test("what others refer to is not removed, and what refers to it is named; all else is", async () => {
  await atWork(PHONE, async (page, url) => {
    const id = await addRow(here.system, "rooms", { client_id: 1, name: "Room 301" });
    for (const [path, one] of [
      ["/clients/1", "client"],
      [`/rooms/${String(id)}`, "room"],
    ] as const) {
      await page.goto(url + path);
      await page.getByText(`Remove this ${one}`).click();
      await press(page, "Remove it");
      if (one === "room") await told(page, "Removed.");
      else {
        await alerted(page, "This client cannot be removed: rooms refer to it.");
        expect(await field(page, "Name").inputValue()).toBe("Harbour View Hotel");
      }
    }
    expect(await callApi(here.system, "/clients/1")).toMatchObject({ status: 200 });
    expect(await callApi(here.system, `/rooms/${String(id)}`)).toMatchObject({ status: 404 });
  });
});

/** Somebody who has chosen their password, and is not signed in. */
async function joinAs(page: Page, email: string): Promise<void> {
  const id = await addRow(here.system, "users", { name: "Ada", email, role: "manager" });
  const { body } = await callApi(here.system, `/users/${String(id)}/invite`, { method: "POST" });
  await page.goto((body as { url: string }).url);
  await fill(page, { Password: PASSWORD });
  await press(page, "Begin");
  await page.context().clearCookies();
}

test("with the keyboard alone: from the sign-in to a room that is saved, and removed again", async () => {
  await withPage(here.browser, DESKTOP, async (page) => {
    await joinAs(page, "ada@office.example");
    await page.goto(`${here.system.url}/rooms/new`);
    expect(await heading(page)).toBe("Sign in");
    await page.keyboard.type("ada@office.example");
    await page.keyboard.press("Tab");
    await page.keyboard.type("not my password");
    await pressKey(page, "Enter");
    await alerted(page, "E-mail or password is wrong.");
    expect([await field(page, "E-mail").inputValue(), await spoken(page)]).toEqual(["ada@office.example", "Password"]);
    await page.keyboard.type(PASSWORD);
    await pressKey(page, "Enter");
    expect(await heading(page)).toBe("New room");
    await page.keyboard.press("Tab");
    expect(await spoken(page)).toBe("Skip to the content");
    expect(await page.locator(".skip").boundingBox()).toMatchObject({ y: expect.closeTo(7.5, 0) as number });
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await spoken(page)).toBe("Rooms");
    await tabTo(page, "Name");
    await page.keyboard.type("Room 401");
    await page.keyboard.press("Tab");
    await page.keyboard.type("Harbour");
    await tabTo(page, "Add this room");
    await pressKey(page, "Space");
    await told(page, "Added.");
    await tabTo(page, "Room 401");
    await pressKey(page, "Enter");
    expect(await heading(page)).toBe("Room Room 401");
    await tabTo(page, "Remove this room");
    await page.keyboard.press("Space");
    await tabTo(page, "Remove it");
    await pressKey(page, "Enter");
    await told(page, "Removed.");
  });
});

test("the menu of a phone opens and closes with the keyboard, and tells its names", async () => {
  await atWork(PHONE, async (page, url) => {
    await page.goto(`${url}/rooms`);
    const menu = page.getByRole("navigation", { name: "Back office" });
    expect(await menu.isVisible()).toBe(false);
    await tabTo(page, "Menu");
    await page.keyboard.press("Enter");
    expect(await menu.isVisible()).toBe(true);
    expect(await menu.getByRole("list", { name: "Hotels and devices" }).getByRole("link").first().textContent()).toBe(
      "Corporations",
    );
    expect(await menu.locator("[aria-current=page]").allTextContents()).toEqual(["Rooms"]);
    await page.keyboard.press("Escape");
    expect([await menu.isVisible(), await spoken(page)]).toEqual([false, "Menu"]);
    await page.keyboard.press("Space");
    await page.keyboard.press("Tab");
    expect(await spoken(page)).toBe("Close the menu");
    await page.keyboard.press("Enter");
    expect([await menu.isVisible(), await spoken(page)]).toEqual([false, "Menu"]);
    await page.keyboard.press("Enter");
    await tabTo(page, "Devices");
    await pressKey(page, "Enter");
    expect([await heading(page), await menu.isVisible()]).toEqual(["Devices", false]);
  });
  await withPage(here.browser, DESKTOP, async (page) => {
    await signIn(page, here.system);
    await page.goto(`${here.system.url}/rooms`);
    expect(await page.getByRole("navigation", { name: "Back office" }).isVisible()).toBe(true);
    expect(await page.getByRole("button", { name: /menu/i }).count()).toBe(0);
  });
});
