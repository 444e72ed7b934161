import { readFile } from "node:fs/promises";
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { type ManualClock, manualClock } from "./clock.ts";
import { callSwitch, type ErpAddress } from "./erp-calls.ts";
import { callApi, inviteColleague } from "./erp-office.ts";
import { openErp } from "./erp-system.ts";
import { addRow } from "./erp-two-clients.ts";

export const PASSWORD = "a password of the tests";

const PATIENCE = { timeout: 10_000 };

/** Presses what leads to another page, and waits for that page. */
export async function follow(page: Page, what: Locator): Promise<void> {
  await Promise.all([page.waitForEvent("load"), what.click()]);
}

export const press = (page: Page, name: string) => follow(page, page.getByRole("button", { name, exact: true }));

/** Goes to a place of the menu, which a phone has behind a button. */
export async function goTo(page: Page, place: string): Promise<void> {
  const menu = page.getByRole("button", { name: "Menu", exact: true });
  if (await menu.isVisible()) await menu.click();
  const places = page.getByRole("navigation", { name: "Back office" });
  await follow(page, places.getByRole("link", { name: place, exact: true }));
}

/** What a person calls a field, whether it is optional or not. */
export const field = (page: Page, label: string) =>
  page.getByRole("main").getByLabel(new RegExp(`^${label}( optional)?$`));

/** Fills in a form: a choice by what it says. */
export async function fill(page: Page, values: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, value] of Object.entries(values)) {
    const input = field(page, label);
    const isChoice = (await input.locator("option").count()) > 0;
    await (isChoice ? input.selectOption(value) : input.fill(value));
  }
}

/** Adds an entry by hand, as far as the page that says what came of it. */
export async function add(page: Page, place: string, values: Readonly<Record<string, string>>): Promise<void> {
  await goTo(page, place);
  await follow(page, page.getByRole("link", { name: /^(New|Enter a usage)/ }));
  await fill(page, values);
  await follow(page, page.getByRole("button", { name: /^Add this/ }));
}

/** A notice that was told of by more than its colour: it has the focus, and says this. */
export async function told(page: Page, text: string): Promise<void> {
  const notice = page.getByRole("status");
  await expect.poll(() => notice.textContent(), PATIENCE).toBe(text);
  expect(await page.locator(":focus").textContent()).toBe(text);
}

/** What was refused, in a word that is spoken at once. */
export const alerted = (page: Page, text: string) =>
  expect.poll(() => page.getByRole("alert").allTextContents(), PATIENCE).toEqual([text]);

/** The fields that are marked as wrong: what stands in each, and what is said of it. */
export async function marksOf(page: Page): Promise<Record<string, [value: string, said: string]>> {
  const marks: Record<string, [string, string]> = {};
  for (const input of await page.locator("[aria-invalid=true]").all()) {
    const ids = ((await input.getAttribute("aria-describedby")) ?? "").split(" ");
    const said = await Promise.all(ids.map((id) => page.locator(`[id="${id}"]`).textContent()));
    const label = await page.locator(`label[for="${String(await input.getAttribute("id"))}"]`).textContent();
    marks[String(label)] = [await input.inputValue(), said.join(" ")];
  }
  return marks;
}

export const focusedIn = (page: Page) => page.locator(":focus").getAttribute("name");

/** The name of what has the focus. */
export const spoken = async (page: Page) => {
  const it = page.locator(":focus");
  const id = (await it.getAttribute("id")) ?? "";
  const label = page.locator(`label[for="${id}"]`);
  const text = (await label.count()) > 0 ? await label.textContent() : await it.textContent();
  return String(text).trim();
};

/** Goes on with the keyboard as far as what has this name. */
export async function tabTo(page: Page, name: string): Promise<void> {
  for (let n = 0; n < 60; n++) {
    await page.keyboard.press("Tab");
    if ((await page.locator(":focus").count()) > 0 && (await spoken(page)) === name) return;
  }
  throw new Error(`The keyboard does not reach ${name}.`);
}

/** Presses a key that leads to another page. */
export async function pressKey(page: Page, key: string): Promise<void> {
  await Promise.all([page.waitForEvent("load"), page.keyboard.press(key)]);
}

/** The rows of a page's last table as they are written there, without the marks that are for the eyes. */
export async function rowsOf(page: Page, part: "tbody" | "tfoot" = "tbody"): Promise<string[][]> {
  const rows = await page.getByRole("main").locator(`table >> nth=-1 >> ${part} tr`).all();
  return Promise.all(rows.map(async (row) => (await row.locator("th, td").allTextContents()).map(withoutSigns)));
}

function withoutSigns(cell: string): string {
  return cell.trim().replace(/^[✓✕!›–](?=\w)/u, "");
}

/** What a link to a file brings, taken apart into rows and cells without quotes. */
export async function download(page: Page, name: string): Promise<{ file: string; rows: string[][] }> {
  const [arrived] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name, exact: true }).click(),
  ]);
  const text = await readFile(await arrived.path(), "utf8");
  const rows = text.trimEnd().split("\r\n");
  return { file: arrived.suggestedFilename(), rows: rows.map((row) => row.split(",")) };
}

/** A browser in which somebody of this role has signed in. */
export async function signIn(page: Page, erp: ErpAddress, who: Parameters<typeof inviteColleague>[1] = {}) {
  const { cookie } = await inviteColleague(erp, who);
  const [name = "", value = ""] = cookie.split("=", 2);
  await page.context().addCookies([{ name, value, url: erp.url.replace("http:", "https:"), secure: true }]);
}

const LONG = "Präsidentensuitemitblickaufdenvictoriahafenundeinemnamenohnejedesleerzeichendarin";
const LONG_SERIAL = "HKAP01-a-serial-of-sixty-three-letters-that-nobody-has-ever-seen";
const LONG_EMAIL = "maximilian-alexander.hohenlohe-waldenburg@grand-harbour-hotel-and-residences.example";
const SCENTS = ["fire", "wood", "water", "air"] as const;
const HOUR_MS = 3_600_000;

/** An ERP whose pages have all there is to be shown: lists of many pages, long names, usages of every kind, faults. */
export async function openShownErp() {
  const clock = manualClock();
  const erp = await openErp({ clock });
  const client = await addClient(erp);
  const pods = await addRooms(erp, client);
  await useDevices(erp, { pods, clock });
  await addPeople(erp, client);
  for (const kind of ["latency", "error-after"]) {
    await callApi(erp, "/faults", { method: "POST", body: { kind, endpoint: "both", times: null } });
  }
  return { ...erp, url: erp.url, client, [Symbol.asyncDispose]: erp.close };
}

async function addClient(erp: ErpAddress): Promise<number> {
  const corporation_id = await addRow(erp, "corporations", { name: LONG });
  const terms = { client_type: "spa", timezone: "America/Argentina/Buenos_Aires", charge_unit: "hourly" };
  const client_id = await addRow(erp, "clients", {
    corporation_id,
    name: LONG,
    charge_rate_cents: 1_234_567,
    ...terms,
  });
  for (const amount_cents of [1, 99_999_999_999]) {
    await addRow(erp, "payments", { client_id, paid_on: "2026-03-01", amount_cents, note: LONG });
  }
  return client_id;
}

/** More rooms than a page shows, and in some of them devices. */
async function addRooms(erp: ErpAddress, client_id: number): Promise<string[]> {
  const serials = [LONG_SERIAL, "pod-1", "pod-2", "pod-3"];
  for (let at = 0; at < 60; at++) {
    const room_id = await addRow(erp, "rooms", { client_id, name: at === 0 ? LONG : `Room ${String(at)}` });
    const serial = serials[at];
    if (serial === undefined) continue;
    const device_id = await addRow(erp, "devices", { device_type_id: 1, serial });
    await addRow(erp, "device-setups", { device_id, room_id, installed_at: "2026-01-01T00:00:00Z" });
  }
  return serials;
}

/** More usages than a page shows: closed, unclosed and open ones, some with intervals, one that a person entered. */
async function useDevices(erp: ErpAddress, { pods, clock }: { pods: string[]; clock: ManualClock }): Promise<void> {
  for (let at = 0; at < 60; at++) {
    const serial = pods[at % pods.length] ?? "";
    await callSwitch(erp, { serial, status: "checkin", scent: SCENTS[at % 3 === 0 ? 0 : at % 4] ?? "" });
    if (at % 5 === 0) for (const status of ["timein", "timeout"]) await callSwitch(erp, { serial, status });
    clock.advance(HOUR_MS);
    if (at % 3 > 0) await callSwitch(erp, { serial, status: "checkout" });
  }
  await callSwitch(erp, { serial: LONG, status: "checkin" });
  const now = new Date(clock.now()).toISOString();
  await addRow(erp, "device-usages", { device_id: 3, scent_id: 1, checkin_at: now, checkout_at: now });
}

async function addPeople(erp: ErpAddress, client_id: number): Promise<void> {
  await addRow(erp, "users", { name: LONG, email: LONG_EMAIL, role: "viewer", client_id });
  await addRow(erp, "api-keys", { name: LONG, role: "viewer", client_id });
  const known = { phone: "+852 5555 0199", gender: "f", age: 30, birthdate: "1994-05-15" };
  const preferences = { language: "en", scents: ["wood", "water"], [LONG]: { deep: [{ deeper: LONG }] } };
  for (let at = 0; at < 55; at++) {
    const body =
      at > 0 ? { email: `guest-${String(at)}@mail.example` } : { name: LONG, email: LONG_EMAIL, preferences };
    await fetch(`${erp.url}/api/customers`, { method: "POST", body: JSON.stringify({ ...known, ...body }) });
  }
}
