/** The operations guide by hand, from an ERP that knows nothing to what a client owes. */
import type { Browser, Page } from "playwright-core";
import { expect, test } from "vitest";
import { inBrowser } from "../support/browser.ts";
import { manualClock } from "../support/clock.ts";
import { callSwitch } from "../support/erp-calls.ts";
import { callApi } from "../support/erp-office.ts";
import {
  add,
  addRow,
  alerted,
  download,
  field,
  fill,
  follow,
  goTo,
  PASSWORD,
  press,
  rowsOf,
  signIn,
  told,
} from "../support/erp-pages.ts";
import { openErp } from "../support/erp-system.ts";
import { type Look, withPage } from "../support/guest-page.ts";

const MINUTE_MS = 60_000;
const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1440, height: 900 };
const POD = "HKAP0100000001";
const SPA_POD = "HKAP0100000002";

const here = inBrowser(() => openErp());

type Erp = Awaited<ReturnType<typeof openErp>>;
type Clock = ReturnType<typeof manualClock>;
type Ground = { page: Page; erp: Erp; clock: Clock };

const heading = (page: Page) => page.getByRole("heading", { level: 1 }).textContent();
/** What the menu leads to, open or not. */
const placesOf = (page: Page) => page.locator("#menu").getByRole("link", { includeHidden: true }).allTextContents();

async function setUp({ page, erp }: Ground): Promise<void> {
  await page.goto(String(erp.setUpUrl()));
  await fill(page, { "Your name": "Ann Admin", "E-mail": "ann@office.example", Password: PASSWORD });
  await press(page, "Begin");
  expect(await heading(page)).toBe("Today");
  const steps = page.getByRole("region", { name: "First steps" }).getByRole("listitem");
  expect((await steps.allTextContents())[0]).toBe("Create a corporation");
  expect(erp.setUpUrl()).toBeNull();
}

/** Steps 1 and 2: to whom all else belongs. */
async function enterClient({ page }: Ground): Promise<void> {
  await goTo(page, "Corporations");
  await follow(page, page.getByRole("link", { name: "Create the first corporation" }));
  await fill(page, { Name: "Katlai Hotels" });
  await press(page, "Add this corporation");
  await told(page, "Added.");
  await add(page, "Clients", {
    Name: "Harbour View",
    Corporation: "Katlai Hotels",
    Type: "hotel",
    "Time zone": "Asia/Hong_Kong",
    "Charge rate": "25.00",
    Charged: "hourly",
  });
  await told(page, "Added.");
  expect(await rowsOf(page)).toEqual([["Harbour View", "Katlai Hotels", "hotel", "Asia/Hong_Kong", "25.00", "hourly"]]);
}

/** Step 3: a colleague who may look at one client, and comes in by a link of their own. */
async function inviteViewer({ page }: Ground, browser: Browser): Promise<void> {
  await add(page, "Users", { Name: "Vera", "E-mail": "vera@office.example", Role: "viewer", Sees: "Harbour View" });
  expect(await heading(page)).toBe("Invitation");
  const link = String(await page.locator("pre").textContent());
  await withPage(browser, PHONE, async (hers) => {
    await hers.goto(link);
    expect(await heading(hers)).toBe("Welcome, Vera");
    await fill(hers, { Password: PASSWORD });
    await press(hers, "Begin");
    expect(await heading(hers)).toBe("Today");
    const menu = await placesOf(hers);
    expect(menu).toContain("Reports");
    for (const place of ["Users", "API keys", "Settings", "Audit log"]) expect(menu).not.toContain(place);
    await goTo(hers, "Rooms");
    expect(await hers.getByText("No rooms yet").isVisible()).toBe(true);
    expect(await hers.getByRole("link", { name: /New room|first room/ }).count()).toBe(0);
    await hers.goto(new URL("/users", link).href);
    expect(await heading(hers)).toBe("This cannot be done");
    // A link is good once.
    await hers.goto(link);
    expect(await heading(hers)).toBe("Nothing here");
  });
  await follow(page, page.getByRole("link", { name: "To the users" }));
  expect((await rowsOf(page)).at(-1)).toEqual([
    "Vera",
    "vera@office.example",
    "viewer",
    "Harbour View",
    "with a password",
  ]);
}

/** Steps 4 to 7: what stands in which room, and what it can do. */
async function enterDevice({ page }: Ground): Promise<void> {
  await add(page, "Device types", { Code: "app2x", Name: "Aroma Pod Pro 4 capsules" });
  await add(page, "Rooms", { Name: "Room 101", Client: "Harbour View" });
  await add(page, "Devices", { Serial: POD, Type: "Aroma Pod Pro 4 capsules" });
  expect(await rowsOf(page)).toEqual([[POD, "Aroma Pod Pro 4 capsules", "none"]]);
  await add(page, "Scents", { Code: "wood", Name: "Wood" });
  await add(page, "Schedules", { From: "08:00:00", Until: "12:00:00" });
  await add(page, "Device setups", { Device: POD, Room: "Harbour View · Room 101" });
  await told(page, "Added.");
  expect(await rowsOf(page)).toEqual([[POD, "Harbour View · Room 101", "1 Mar 20:00:00", "none"]]);
}

/** Step 9: the device database reports a stay, in which time passes; then a person enters another one by hand. */
async function useDevice({ page, erp, clock }: Ground): Promise<void> {
  const call = { serial: POD, scent: "wood", start_time: "08:00:00", end_time: "12:00:00" };
  expect(await callSwitch(erp, { ...call, status: "checkin" })).toMatchObject({ status: 200 });
  await goTo(page, "Today");
  expect(await page.getByRole("heading", { name: "1 open usage" }).isVisible()).toBe(true);
  clock.advance(90 * MINUTE_MS);
  expect(await callSwitch(erp, { serial: POD, status: "checkout" })).toMatchObject({ status: 200 });
  clock.advance(120 * MINUTE_MS);
  await add(page, "Device usages", {
    Device: POD,
    Scent: "Wood",
    "Check-in": "2026-03-01T22:00:00",
    "Check-out": "2026-03-01T23:10:00",
  });
  await told(page, "Added.");
  expect(await rowsOf(page)).toEqual([
    ["1 Mar 22:00:00", POD, "Room 101 Harbour View", "wood", "closed", "1 Mar 23:10:00", "manual"],
    ["1 Mar 20:00:00", POD, "Room 101 Harbour View", "wood", "closed", "1 Mar 21:30:00", "webhook"],
  ]);
  await add(page, "Payments", { Day: "2026-03-01", Client: "Harbour View", Amount: "40.00", Note: "At the desk" });
  await told(page, "Added.");
}

/** A spa that pays by the day, in another zone: two stays within a day are one. */
async function enterSpa({ page, erp, clock }: Ground): Promise<void> {
  await add(page, "Clients", {
    Name: "Thermes",
    Corporation: "Katlai Hotels",
    Type: "spa",
    "Time zone": "Europe/Paris",
    "Charge rate": "120.00",
    Charged: "daily",
  });
  await add(page, "Rooms", { Name: "Cabine 1", Client: "Thermes" });
  await add(page, "Devices", { Serial: SPA_POD, Type: "Aroma Pod Pro 4 capsules" });
  await add(page, "Device setups", { Device: SPA_POD, Room: "Thermes · Cabine 1" });
  for (const status of ["checkin", "checkout", "checkin", "checkout"]) {
    expect(await callSwitch(erp, { serial: SPA_POD, status, scent: "wood" })).toMatchObject({ status: 200 });
    clock.advance(15 * MINUTE_MS);
  }
}

type Report = { report: string; rows: string[][]; total: string[] };

/** Step 8: a report of one client and one month, on the page and as a file. */
async function readReport(page: Page, client: string, { report, rows, total }: Report): Promise<void> {
  await follow(page, page.getByRole("navigation", { name: "Reports" }).getByRole("link", { name: report }));
  await page.getByRole("combobox", { name: "Client" }).selectOption(client);
  await page.getByLabel("From").fill("2026-03-01");
  await page.getByLabel("To", { exact: true }).fill("2026-03-31");
  await press(page, "Show");
  expect(await heading(page)).toBe(report);
  expect([report, await rowsOf(page), await rowsOf(page, "tfoot")]).toEqual([report, rows, [total]]);
  const csv = await download(page, "CSV");
  expect(csv.rows.slice(1)).toEqual(rows);
  expect(csv.file).toMatch(/^(device-usage|payments|billables)-\d+-2026-03-01-2026-03-31\.csv$/);
}

async function readReports({ page }: Ground): Promise<void> {
  await goTo(page, "Reports");
  await follow(page, page.getByRole("link", { name: "Billables" }));
  await readReport(page, "Harbour View", {
    report: "Device usage",
    rows: [
      ["2", POD, "Room 101", "wood", "2026-03-01 22:00:00", "2026-03-01 23:10:00", "70.0", "", "manual"],
      ["1", POD, "Room 101", "wood", "2026-03-01 20:00:00", "2026-03-01 21:30:00", "90.0", "", "webhook"],
    ],
    total: ["Total", "", "", "", "", "", "160.0", "", ""],
  });
  await readReport(page, "Harbour View", {
    report: "Payments",
    rows: [["2026-03-01", "40.00", "At the desk", "manual"]],
    total: ["Total", "40.00", "", ""],
  });
  // Two hours and forty minutes are three hours.
  await readReport(page, "Harbour View", {
    report: "Billables",
    rows: [[POD, "2", "160.0", "0", "0", "3", "25.00", "75.00"]],
    total: ["Total", "", "", "", "", "3", "", "75.00"],
  });
  await readReport(page, "Thermes", {
    report: "Billables",
    rows: [[SPA_POD, "2", "30.0", "0", "0", "1", "120.00", "120.00"]],
    total: ["Total", "", "", "", "", "1", "", "120.00"],
  });
  await page.getByLabel("From").fill("2026-02-01");
  await page.getByLabel("To", { exact: true }).fill("2026-02-28");
  await press(page, "Show");
  expect(await page.getByRole("heading", { name: "Nothing to report" }).isVisible()).toBe(true);
}

const WAYS: Look[] = [
  { ...PHONE, javaScriptEnabled: true },
  { ...DESKTOP, javaScriptEnabled: false },
];

test.for(WAYS)(
  "the operations guide, by hand: from the set-up link to what two clients owe; %j",
  { timeout: 60_000 },
  async (look) => {
    const clock = manualClock();
    await using erp = await openErp({ seed: "empty", clock });
    await withPage(here.browser, look, async (page) => {
      const ground = { page, erp, clock };
      await setUp(ground);
      await enterClient(ground);
      await inviteViewer(ground, here.browser);
      await enterDevice(ground);
      await useDevice(ground);
      await enterSpa(ground);
      await readReports(ground);
    });
  },
);

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

/** The fields that are marked as wrong: what stands in each, and what is said of it. */
async function marksOf(page: Page): Promise<Record<string, [value: string, said: string]>> {
  const marks: Record<string, [string, string]> = {};
  for (const input of await page.locator("[aria-invalid=true]").all()) {
    const ids = ((await input.getAttribute("aria-describedby")) ?? "").split(" ");
    const said = await Promise.all(ids.map((id) => page.locator(`[id="${id}"]`).textContent()));
    const label = await page.locator(`label[for="${String(await input.getAttribute("id"))}"]`).textContent();
    marks[String(label)] = [await input.inputValue(), said.join(" ")];
  }
  return marks;
}

const focusedIn = (page: Page) => page.locator(":focus").getAttribute("name");

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
      else await alerted(page, "This client cannot be removed: rooms refer to it.");
    }
    expect(await callApi(here.system, "/clients/1")).toMatchObject({ status: 200 });
    expect(await callApi(here.system, `/rooms/${String(id)}`)).toMatchObject({ status: 404 });
  });
});

/** The name of what has the focus. */
const spoken = async (page: Page) => {
  const it = page.locator(":focus");
  const id = (await it.getAttribute("id")) ?? "";
  const label = page.locator(`label[for="${id}"]`);
  const text = (await label.count()) > 0 ? await label.textContent() : await it.textContent();
  return String(text).trim();
};

async function tabTo(page: Page, name: string): Promise<void> {
  for (let n = 0; n < 60; n++) {
    await page.keyboard.press("Tab");
    if ((await page.locator(":focus").count()) > 0 && (await spoken(page)) === name) return;
  }
  throw new Error(`The keyboard does not reach ${name}.`);
}

async function pressKey(page: Page, key: string): Promise<void> {
  await Promise.all([page.waitForEvent("load"), page.keyboard.press(key)]);
}

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
