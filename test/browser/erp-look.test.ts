import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { inBrowser } from "../support/browser.ts";
import { FLAWS, findingsOf } from "../support/erp-findings.ts";
import { callApi } from "../support/erp-office.ts";
import { fill, openShownErp, press, signIn } from "../support/erp-pages.ts";
import { openErp } from "../support/erp-system.ts";
import { withPage } from "../support/guest-page.ts";

/** One that knows much, one that knows nothing, and one that nobody has set up. */
const here = inBrowser(async () => {
  const opened = new AsyncDisposableStack();
  const full = opened.use(await openShownErp());
  const none = opened.use(await openErp({ seed: "empty" }));
  const fresh = opened.use(await openErp({ seed: "empty" }));
  return { full, none, fresh, [Symbol.asyncDispose]: () => opened.disposeAsync() };
});

type Looking = (state: string) => Promise<void>;
type Walk = { page: Page; look: Looking };

const RESOURCES = ["corporations", "clients", "users", "device-types", "rooms", "devices", "device-setups", "scents"];
const OTHERS = ["schedules", "payments", "api-keys", "device-usages", "customers", "journal", "audit"];

const addressOf = (erp: { url: string }, path: string) => erp.url + path;

async function through({ page, look }: Walk, erp: { url: string }, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await page.goto(addressOf(erp, path));
    await look(path);
  }
}

/** What is seen by people who have not come in yet. */
async function atTheDoor({ page, look }: Walk): Promise<void> {
  const { full, fresh } = here.system;
  await page.goto(addressOf(full, "/sign-in?next=/rooms"));
  await look("sign-in");
  await fill(page, { "E-mail": "somebody@office.example", Password: "a wrong guess" });
  await press(page, "Sign in");
  await look("sign-in, refused");
  const { body } = await callApi(full, "/users/1/invite", { method: "POST" });
  await page.goto((body as { url: string }).url);
  await look("invitation");
  await fill(page, { Password: "short" });
  await press(page, "Begin");
  await look("invitation, too short a password");
  await page.goto(String(fresh.setUpUrl()));
  await look("set-up");
  await fill(page, { "Your name": " ", "E-mail": "ann@x", Password: "short" });
  await page.locator("form").evaluate((form: { noValidate: boolean }) => {
    form.noValidate = true;
  });
  await press(page, "Begin");
  await look("set-up, all wrong");
}

/** Lists with many pages, with few rows and with none that fit; entries of each kind; pages that tell of errors. */
async function throughLists(walk: Walk): Promise<void> {
  const { full } = here.system;
  await signIn(walk.page, full, { name: "Maximilian-Alexander von und zu Hohenlohe-Waldenburg" });
  await through(walk, full, ["/", ...[...RESOURCES, ...OTHERS].map((name) => `/${name}`)]);
  await through(walk, full, ["/rooms?page=2", "/rooms?page=9", "/rooms?q=nothing", "/device-usages?serial=nothing"]);
  await through(walk, full, [
    "/customers?page=2",
    "/customers?q=nothing",
    "/journal?outcome=refused",
    "/audit?q=nothing",
  ]);
  await through(walk, full, ["/clients?done=changed", "/nowhere", "/rooms/999", "/master-data", "/docs", "/account"]);
}

async function throughEntries(walk: Walk): Promise<void> {
  const { page, look } = walk;
  const { full } = here.system;
  await signIn(page, full);
  await through(walk, full, ["/clients/2", "/device-setups/3", "/device-setups/new", "/payments/1", "/users/1"]);
  await press(page, "Make a link");
  await look("an invitation's link");
  await through(walk, full, ["/device-usages/1", "/device-usages/61", "/device-usages/new", "/customers/1"]);
  await through(walk, full, ["/customers/1/edit", "/journal/1", "/clients/2"]);
  await page.getByText("Remove this client").click();
  await press(page, "Remove it");
  await look("a removal that is refused");
  await page.goto(addressOf(full, "/api-keys/new"));
  await fill(page, { Name: "Accounts", Role: "viewer" });
  await press(page, "Add this API key");
  await look("an API key, shown once");
  await page.goto(addressOf(full, "/clients/new"));
  await fill(page, {
    Name: "x".repeat(201),
    Corporation: "Katlai Demo Hotels",
    "Time zone": "Mars",
    "Charge rate": "-1",
  });
  await press(page, "Add this client");
  await look("a form with errors");
  await page.goto(addressOf(full, "/settings"));
  await look("settings with faults");
  await fill(page, { "More addresses and networks": "nowhere\n10.0.0.0/99", "Trusted proxies": "everybody" });
  await press(page, "Save");
  await look("settings with errors");
}

async function throughReports(walk: Walk): Promise<void> {
  const { page, look } = walk;
  const { full } = here.system;
  const { client } = full;
  await signIn(page, full);
  const of = `client_id=${String(client)}`;
  await through(
    walk,
    full,
    ["device-usage", "payments", "billables"].map((report) => `/reports/${report}?${of}`),
  );
  await through(walk, full, [`/reports/billables?${of}&from=2026-01-01&to=2026-01-31`]);
  const year = `/reports/device-usage?${of}&from=2025-03-15&to=2026-03-15`;
  await through(walk, full, ["/reports", year]);
  await page.getByText("The chart as a table").click();
  await look("a chart's table");
  await through(walk, full, ["/reports/billables?client_id=99&from=2026-02-01", year.replace("2025", "2024")]);
}

/** Nothing there yet; and what is not for everybody. */
async function throughNothing(walk: Walk): Promise<void> {
  const { full, none } = here.system;
  const { page } = walk;
  await signIn(page, none);
  await through(walk, none, [
    "/",
    "/rooms",
    "/device-usages",
    "/customers",
    "/journal",
    "/audit",
    "/reports/billables",
  ]);
  await page.context().clearCookies();
  await signIn(page, full, { role: "viewer", client_id: full.client });
  await through(walk, full, ["/", "/rooms", "/rooms/3", "/device-usages/61", "/users", "/clients/1"]);
}

const WALKS = { atTheDoor, throughLists, throughEntries, throughReports, throughNothing };

const inspect = async (page: Page, state: string) => expect([state, await findingsOf(page)]).toEqual([state, []]);

test.for(Object.entries(WALKS))(
  "axe-core finds nothing, and all fits, at every width, in the light and in the dark: %s",
  { timeout: 120_000 },
  async ([, walk]) => {
    await withPage(here.browser, { colorScheme: "light" }, (page) =>
      walk({ page, look: (state) => inspect(page, state) }),
    );
  },
);

const rule = (css: string) =>
  `document.styleSheets[0].insertRule(${JSON.stringify(css)}, document.styleSheets[0].cssRules.length)`;

test.for([
  ["the page is wider", rule("h1 { width: 2000px }")],
  ["sticks out", rule("h1 { position: fixed; inset-inline-end: -1rem }")],
  ["cut off", rule(".sheet table { width: 200vw !important }")],
  ["too small", rule("button.quiet { min-height: 0 !important; padding: 0 !important; height: 1rem }")],
  ["color-contrast", rule("td { color: #999 }")],
  ["color-contrast", rule("@media (prefers-color-scheme: dark) { td { color: #555 } }")],
  ["label", `document.querySelector(".filters label").replaceWith(document.querySelector(".filters input"))`],
  ["onclick", `document.querySelector("h1").setAttribute("onclick", "")`],
] as const)("it is found when there is something to be found: %s", async ([finding, spoil]) => {
  await withPage(here.browser, {}, async (page) => {
    await signIn(page, here.system.full);
    await page.goto(addressOf(here.system.full, "/scents"));
    await page.evaluate(spoil);
    expect((await findingsOf(page)).join("\n")).toContain(finding);
  });
});

test("a report on paper has its table and nothing to be clicked, in dark letters whatever the screen is", async () => {
  const { full } = here.system;
  await withPage(here.browser, { width: 703, height: 1000, colorScheme: "dark" }, async (page) => {
    await signIn(page, full);
    for (const report of ["device-usage", "payments", "billables"]) {
      await page.goto(addressOf(full, `/reports/${report}?client_id=${String(full.client)}`));
      await page.emulateMedia({ media: "print" });
      expect([report, await page.evaluate(FLAWS)]).toEqual([report, []]);
      expect(await page.getByRole("columnheader").first().isVisible()).toBe(true);
      expect(await page.locator("a:visible, button:visible, input:visible").count()).toBe(0);
      expect(await page.evaluate("getComputedStyle(document.querySelector('td')).color")).toBe("rgb(0, 0, 0)");
      await page.emulateMedia({ media: "screen" });
    }
  });
});
