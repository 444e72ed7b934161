import { expect, test } from "vitest";
import { CATALOGS } from "../../bot/catalogs.ts";
import { LANGUAGES } from "../../bot/languages.ts";
import { message } from "../../bot/messages.ts";
import { choicesIn } from "../../bot/question.ts";
import { inBrowser } from "../support/browser.ts";
import { becomes, hears, openLive, saidIn, withPage } from "../support/guest-page.ts";
import { openKit } from "../support/kit.ts";

const here = inBrowser(() => openKit("safe"));

/** What a browser says that asks for the language in a way of its own. */
const ASKED: Record<string, string> = { "zh-Hant": "zh-HK", "zh-Hans": "zh-CN", de: "de-AT", fr: "fr-CA" };

const englishSentences = Object.values(CATALOGS.en).filter((text) => text.includes(" "));

test.each(LANGUAGES)("all that a guest reads is $name when the browser asks for it", async ({ tag }) => {
  const t = CATALOGS[tag];
  const wood = choicesIn(tag).find(({ scent }) => scent === "wood")?.name ?? "";
  await withPage(here.browser, { locale: ASKED[tag] ?? tag }, async (page) => {
    const answer = await page.goto(here.system.launchUrl);
    expect(answer?.headers()["content-language"]).toBe(tag);
    expect(await page.locator("html").getAttribute("lang")).toBe(tag);
    await page.getByRole("button", { name: `b) ${wood}` }).click();
    await hears(page, [
      `${t["guest.pod"]} ${t["bot.question"]}`.replace(/\s+/g, " "),
      `${t["guest.you"]} ${wood}`.replace(/\s+/g, " "),
      `${t["guest.pod"]} ${message(tag, "bot.thanks", { scent: "wood" })}`.replace(/\s+/g, " "),
    ]);
    await expect
      .poll(() => page.getByRole("status").textContent(), { timeout: 20_000 })
      .toBe(message(tag, "note.diffusing", { scent: "wood" }));
    const visible = await page.getByRole("main").innerText();
    for (const key of ["guest.sent", "guest.confirmed", "guest.diffusing", "guest.close", "guest.again"] as const)
      expect(visible).toContain(t[key]);
    const whole = (await page.getByRole("main").textContent()) ?? "";
    expect(tag === "en" ? [] : englishSentences.filter((sentence) => whole.includes(sentence))).toEqual([]);
    await page.reload();
    expect(await page.getByRole("main").innerText()).toBe(visible);
  });
});

test("the switch changes the language of a chat that goes on, and the browser is remembered", async () => {
  await withPage(here.browser, { locale: "en-US" }, async (page) => {
    await openLive(page, here.system.launchUrl);
    const before = await page.context().cookies();
    for (const { tag, name } of LANGUAGES) {
      await page.getByRole("link", { name, exact: true }).click();
      await page.waitForLoadState();
      expect(page.url()).toBe(here.system.launchUrl);
      expect(await page.locator("html").getAttribute("lang")).toBe(tag);
      const current = page.locator("nav [aria-current]");
      expect([await current.count(), await current.getAttribute("hreflang")]).toEqual([1, tag]);
      expect(await saidIn(page)).toEqual([
        `${CATALOGS[tag]["guest.pod"]} ${CATALOGS[tag]["bot.question"]}`.replace(/\s+/g, " "),
      ]);
    }
    const session = (name: string) => name.startsWith("__Host-");
    const after = await page.context().cookies();
    expect(after.filter(({ name }) => session(name))).toMatchObject([{ value: before[0]?.value }]);
    expect(after.find(({ name }) => name === "aromapod-lang")).toMatchObject({
      value: "fr",
      httpOnly: true,
      sameSite: "Lax",
    });
    await page.getByRole("button", { name: "Bois" }).click();
    await becomes(page, "ended");
    expect((await saidIn(page)).at(-1)).toContain("Merci.");
    await page.getByRole("link", { name: "日本語" }).click();
    expect((await saidIn(page)).at(-1)).toContain("ありがとうございます。");
  });
});

test("each language of the switch is named and marked in itself", async () => {
  await withPage(here.browser, {}, async (page) => {
    await page.goto(here.system.launchUrl);
    const links = await page.evaluate(
      "[...document.querySelectorAll('nav a')].map((a) => [a.lang, a.hreflang, a.textContent])",
    );
    expect(links).toEqual(LANGUAGES.map(({ tag, name }) => [tag, tag, name]));
  });
});

test("what no language of ours is, is English, and an unknown switch changes nothing", async () => {
  await withPage(here.browser, { locale: "nl-NL" }, async (page) => {
    await page.goto(`${here.system.launchUrl}?lang=xx`);
    expect(page.url()).toBe(here.system.launchUrl);
    expect(await page.locator("html").getAttribute("lang")).toBe("en");
  });
});

test.each(LANGUAGES)("a bad card is told in $name", async ({ tag }) => {
  await withPage(here.browser, { locale: tag }, async (page) => {
    const answer = await page.goto(`${here.system.launchUrl.slice(0, -4)}AAAA`);
    expect(answer?.status()).toBe(404);
    expect(await page.getByRole("heading").textContent()).toBe(CATALOGS[tag]["guest.badTitle"]);
    expect(await page.getByRole("main").textContent()).toContain(CATALOGS[tag]["guest.badText"]);
  });
});
