import type { Browser, BrowserContext, Page } from "playwright-core";
import type { GuestNote, GuestView } from "../../bot/contract.ts";
import { reasonIn } from "../guest.ts";
import { holdAnswers } from "./at-once.ts";
import type { Heard, ScenarioGuest } from "./guest.ts";
import { type Chat, loadIn, tapIn, tapQuickly } from "./guest-tab.ts";
import { heardOn, lookAt, withNews } from "./page-seen.ts";

/** A usual phone: 390 × 844 points, with two pixels for each. A picture of it has one, as many lie in one report. */
const SCREEN = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

type Phone = {
  context: BrowserContext;
  page: Page;
  language: string;
  chat: Chat | undefined;
  /** What the page has shown so far, also before it was loaded again. */
  heard: Heard[];
};

/**
 * A guest of a scenario with a phone: opens the link in a browser, reads what stands on the page, and taps. The page
 * takes one choice and no typing. So several buttons at once are tapped in a tab for each, while one button is tapped
 * twice where it is; and what the guest writes comes by another Direct Line client on the same session, with the
 * page's token.
 */
export function createBrowserGuest(
  browser: Browser,
  launchUrl: string,
  onWait: (seconds: number) => void,
): ScenarioGuest {
  const { origin, pathname } = new URL(launchUrl);
  let phone: Phone | undefined;
  const mine = (): Phone => {
    if (phone) return phone;
    throw new Error("The guest has not scanned the card.");
  };

  return {
    scan: async (language = "en-US") => {
      if (phone?.language !== language) phone = await takePhone(browser, { language, before: phone, onWait });
      return begin(phone, origin + pathname);
    },
    reload: () => reload(mine()),
    heard: () => listen(mine()),
    say: (text) => say(mine(), origin, text),
    tap: (buttons) => tap(mine(), launchUrl, buttons),
    view: () => view(mine(), `${origin}${pathname}/session`),
    screenshot: async () => mine().page.screenshot({ scale: "css" }),
    close: async () => phone?.context.close(),
  };
}

type Wanted = { language: string; before: Phone | undefined; onWait: (seconds: number) => void };

/** A phone that is set to another language is the same one: it keeps its cookies. */
async function takePhone(browser: Browser, { language, before, onWait }: Wanted): Promise<Phone> {
  const cookies = before ? { storageState: await before.context.storageState() } : {};
  await before?.context.close();
  const context = await browser.newContext({ ...SCREEN, ...cookies, locale: language, reducedMotion: "reduce" });
  context.on("response", (answer) => {
    if (answer.status() === 429) onWait(Number(answer.headers()["retry-after"]));
  });
  return { context, page: await context.newPage(), language, chat: undefined, heard: [] };
}

/** Opens the link; on the page of a session that is over also the page's own link, to the next one. */
async function begin(phone: Phone, url: string): Promise<string> {
  const { page } = phone;
  const chat = (await loadIn(page, () => page.goto(url))) ?? (await loadIn(page, () => page.goto(`${url}?again`)));
  if (!chat) throw new Error("The page asks nothing.");
  Object.assign(phone, { chat, heard: [] });
  return chat.conversationId;
}

async function reload(phone: Phone): Promise<void> {
  const { page } = phone;
  await listen(phone);
  phone.chat = (await loadIn(page, () => page.reload())) ?? phone.chat;
}

async function listen(phone: Phone): Promise<Heard[]> {
  phone.heard = withNews(phone.heard, heardOn(await lookAt(phone.page)));
  return phone.heard;
}

async function say({ context, language, chat }: Phone, origin: string, text: string): Promise<string | undefined> {
  const path = `/v3/directline/conversations/${chat?.conversationId ?? ""}/activities`;
  const answer = await context.request.post(origin + path, {
    headers: { authorization: `Bearer ${chat?.token ?? ""}` },
    data: { type: "message", from: { id: "guest" }, text, locale: language },
  });
  if (answer.ok()) return undefined;
  const body = await answer.text();
  if (answer.status() < 500) return reasonIn(body);
  throw new Error(`POST ${path} answered ${String(answer.status())}: ${body}`);
}

async function tap({ context, page }: Phone, launchUrl: string, wanted: readonly string[]) {
  const [first = "", ...others] = wanted;
  const { stage } = await lookAt(page);
  if (others.length === 0 || stage !== "asking") return Promise.all(wanted.map((one) => tapIn(page, one)));
  if (others.every((one) => one === first)) return tapQuickly(page, first, wanted.length);
  const openTab = async () => {
    const tab = await context.newPage();
    await loadIn(tab, () => tab.goto(launchUrl));
    return tab;
  };
  const tabs = [page, ...(await Promise.all(others.map(openTab)))];
  using _ = await holdAnswers(context, tabs.length);
  const refusals = await Promise.all(tabs.map((tab, at) => tapIn(tab, wanted[at] ?? "")));
  await Promise.all(tabs.slice(1).map((tab) => tab.close()));
  return refusals;
}

async function view({ context, language }: Phone, url: string): Promise<GuestView & { note?: GuestNote }> {
  const answer = await context.request.get(url, { headers: { "accept-language": language } });
  if (answer.ok()) return (await answer.json()) as GuestView & { note?: GuestNote };
  throw new Error(`The page's session cannot be asked for: HTTP ${String(answer.status())}.`);
}
