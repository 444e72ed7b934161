import type { Locator, Page, Request, Response } from "playwright-core";
import { type Button, pickButton } from "./buttons.ts";
import { lookAt } from "./page-seen.ts";

/** What the page has of its conversation. */
export type Chat = { conversationId: string; token: string };

/** Longer than any limit of the bot holds: the page waits as long as it is told to. */
const PATIENCE_MS = 180_000;
const NO_BUTTONS = "The page shows no buttons any more; scan the card again.";

/** Loads a guest's page; resolves with the conversation that it begins or goes on with, if it asks anything. */
export async function loadIn(page: Page, load: () => Promise<Response | null>): Promise<Chat | undefined> {
  const beginning = page.waitForResponse(tellsOfBeginning, { timeout: PATIENCE_MS });
  // One that asks nothing begins nothing.
  beginning.catch(() => undefined);
  const answer = await load();
  if (answer?.ok() === false) {
    throw new Error(`The launch link answered ${String(answer.status())}; is it the one that "npm start" printed?`);
  }
  if ((await lookAt(page)).stage !== "asking") return undefined;
  const began = await beginning;
  if (began.ok()) return (await began.json()) as Chat;
  throw new Error(`The session did not begin: ${began.url()} answered ${String(began.status())}.`);
}

/** That the conversation was started, or that it cannot be. */
function tellsOfBeginning(answer: Response): boolean {
  const { pathname } = new URL(answer.url());
  const isRefusedToken = pathname.endsWith("/token") && !answer.ok();
  const isAbout = isRefusedToken || pathname === "/v3/directline/conversations";
  return isAbout && answer.request().method() === "POST" && isFinal(answer);
}

/** After all other answers the page asks again. */
function isFinal(answer: Response): boolean {
  return answer.status() < 500 && answer.status() !== 429;
}

/** Taps a button; resolves with what the page says of it, if the choice is not taken. */
export async function tapIn(page: Page, wanted: string): Promise<string | undefined> {
  const { stage, buttons, late } = await lookAt(page);
  if (stage !== "asking") return NO_BUTTONS;
  const button = find(page, buttons, wanted);
  const [answer] = await Promise.all([page.waitForResponse(isToChoice), button.tap()]);
  if (answer.ok()) return undefined;
  await page
    .locator('main[data-stage="closed"]')
    .or(page.locator("#log li", { hasText: late }))
    .first()
    .waitFor();
  return (await lookAt(page)).said.at(-1);
}

/** Taps at the place of a button, as quickly as often; resolves for each tap with why it is no choice, if it is none. */
export async function tapQuickly(page: Page, wanted: string, times: number): Promise<(string | undefined)[]> {
  const button = find(page, (await lookAt(page)).buttons, wanted);
  await button.scrollIntoViewIfNeeded();
  const { x = 0, y = 0, width = 0, height = 0 } = (await button.boundingBox()) ?? {};
  let choices = 0;
  const count = (request: Request) => void (choices += isChoice(request) ? 1 : 0);
  page.on("request", count);
  const tapOnce = () => page.touchscreen.tap(x + width / 2, y + height / 2);
  const taps = Array.from({ length: times }, tapOnce);
  await Promise.all([page.waitForResponse(isToChoice), ...taps]);
  page.off("request", count);
  return taps.map((_, at) => (at < choices ? undefined : NO_BUTTONS));
}

function find(page: Page, buttons: readonly Button[], wanted: string): Locator {
  return page.locator(`form button[value="${pickButton(buttons, wanted).scent}"]`);
}

function isChoice(request: Request): boolean {
  return request.method() === "POST" && request.url().endsWith("/activities");
}

function isToChoice(answer: Response): boolean {
  return isChoice(answer.request()) && isFinal(answer);
}
