/** The operations guide by hand, from an ERP that knows nothing to what a client owes. */
import type { Browser, Page } from "playwright-core";
import { expect, test } from "vitest";
import { inBrowser } from "../support/browser.ts";
import { manualClock } from "../support/clock.ts";
import { callSwitch } from "../support/erp-calls.ts";
import { add, download, fill, follow, goTo, PASSWORD, press, rowsOf, told } from "../support/erp-pages.ts";
import { openErp } from "../support/erp-system.ts";
import { type Look, withPage } from "../support/guest-page.ts";

const MINUTE_MS = 60_000;
const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1440, height: 900 };
const POD = "HKAP0100000001";
const SPA_POD = "HKAP0100000002";

const here = inBrowser(async () => new AsyncDisposableStack());

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
      ["3", POD, "Room 101", "wood", "2026-03-01 22:00:00", "2026-03-01 23:10:00", "70.0", "", "manual"],
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

/** The colleague comes back, and sees what is of their client. */
async function readAsViewer({ erp }: Ground, browser: Browser): Promise<void> {
  await withPage(browser, PHONE, async (page) => {
    await page.goto(`${erp.url}/reports/billables`);
    await fill(page, { "E-mail": "vera@office.example", Password: PASSWORD });
    await press(page, "Sign in");
    expect(await page.getByRole("combobox", { name: "Client" }).getByRole("option").allTextContents()).toEqual([
      "Harbour View",
    ]);
    expect(await rowsOf(page, "tfoot")).toEqual([["Total", "", "", "", "", "3", "", "75.00"]]);
    await goTo(page, "Rooms");
    await follow(page, page.getByRole("link", { name: "Room 101" }));
    expect(await page.getByRole("main").getByRole("button").count()).toBe(0);
    expect(await page.getByRole("main").getByRole("definition").allTextContents()).toEqual([
      "Room 101",
      "Harbour View",
    ]);
  });
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
      page.setDefaultTimeout(15_000);
      const ground = { page, erp, clock };
      await setUp(ground);
      await enterClient(ground);
      await inviteViewer(ground, here.browser);
      await enterDevice(ground);
      await useDevice(ground);
      await enterSpa(ground);
      await readReports(ground);
      await readAsViewer(ground, here.browser);
    });
  },
);
