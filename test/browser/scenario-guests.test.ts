import type { Browser } from "playwright-core";
import { PNG } from "pngjs";
import { describe, expect, test } from "vitest";
import { BEGINS_PER_POD } from "../../bot/begin-limits.ts";
import { idleTimes } from "../../bot/session.ts";
import { WINDOW_MS } from "../../plumbing/windows.ts";
import { createBrowserGuest } from "../../scripts/scenarios/browser-guest.ts";
import type { Heard, ScenarioGuest } from "../../scripts/scenarios/guest.ts";
import { createHttpGuest } from "../../scripts/scenarios/http-guest.ts";
import { decodeQrPng } from "../../scripts/scenarios/qr-link.ts";
import { inBrowser } from "../support/browser.ts";
import { manualClock } from "../support/clock.ts";
import { SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { openGuestBot } from "../support/guest-bot.ts";
import {
  AGAIN,
  CLOSED,
  DIALOGUES,
  END,
  QUESTION,
  REFUSED,
  STILL_THERE,
  thanksFor,
} from "../support/guest-dialogues.ts";
import { askOperator, openKit } from "../support/kit.ts";

const PATIENCE = { timeout: 20_000 };

const here = inBrowser(() => openKit("safe"));

type Play = (guest: ScenarioGuest) => Promise<void>;
type Opened = { launchUrl?: string; onWait?: (seconds: number) => void };

const GUESTS: [who: string, create: (launchUrl: string, onWait: (seconds: number) => void) => ScenarioGuest][] = [
  ["a program", createHttpGuest],
  ["a guest with a phone", (launchUrl, onWait) => createBrowserGuest(here.browser, launchUrl, onWait)],
];

describe.for(GUESTS)("%s", ([, create]) => {
  async function withGuest(play: Play, { launchUrl = here.system.launchUrl, onWait = notAsked }: Opened = {}) {
    const guest = create(launchUrl, onWait);
    try {
      await play(guest);
    } finally {
      await guest.close();
    }
  }

  test.for(DIALOGUES)("$name", async ({ language, says, told, hears }) => {
    await withGuest(async (guest) => {
      await guest.scan(language);
      const answer = await says(guest);
      if (told !== undefined) expect(answer).toEqual(told);
      await expect.poll(guest.heard, PATIENCE).toEqual(hears);
    });
  });

  test("taps two buttons at once: one counts, the other is refused", async () => {
    await withGuest(async (guest) => {
      await guest.scan();
      const refusals = await guest.tap(["fire", "water"]);
      const [counts = ""] = ["fire", "water"].filter((_, at) => refusals[at] === undefined);
      expect(refusals.filter((refused) => refused !== undefined)).toEqual([REFUSED]);
      await expect.poll(guest.heard, PATIENCE).toEqual([QUESTION, ...thanksFor(counts)]);
    });
  });

  test("is warned, asked again and told that the chat has closed, and the question stands there all the time", async () => {
    const clock = manualClock();
    const { idleMs, warningMs } = idleTimes(300);
    await using bot = await openGuestBot({ clock });
    await withGuest(async (guest) => {
      const hears = (heard: Heard[]) =>
        eventually(async () => {
          clock.advance(1_000);
          expect(await guest.heard()).toEqual(heard);
        });
      await guest.scan();
      clock.advance(idleMs - warningMs);
      await hears([QUESTION, STILL_THERE]);
      await guest.say("maybe");
      await hears([QUESTION, STILL_THERE, AGAIN]);
      clock.advance(idleMs - warningMs);
      await hears([QUESTION, STILL_THERE, AGAIN, STILL_THERE]);
      clock.advance(warningMs);
      await hears([QUESTION, STILL_THERE, AGAIN, STILL_THERE, CLOSED, END]);
      expect(await guest.tap(["wood"])).toEqual([REFUSED]);
      await guest.reload();
      await hears([QUESTION, STILL_THERE, AGAIN, STILL_THERE, CLOSED, END]);
    }, bot);
  });

  test("waits as long as the bot asks, and tells for how long", async () => {
    const clock = manualClock();
    await using bot = await openGuestBot({ clock });
    for (let begun = 0; begun < BEGINS_PER_POD; begun++) await fetch(`${bot.launchUrl}/token`, { method: "POST" });
    clock.advance(WINDOW_MS - 1_000);
    const waits: number[] = [];
    const onWait = (seconds: number) => {
      waits.push(seconds);
      clock.advance(1_000);
    };
    await withGuest(async (guest) => void (await guest.scan()), { ...bot, onWait });
    expect(waits).toEqual([1]);
  });

  test("knows its session and what the page tells of it", async () => {
    await withGuest(async (guest) => {
      const id = await guest.scan("de");
      await guest.say("vielleicht");
      expect(await guest.view()).toMatchObject({ state: "asked", scent: null });
      await guest.tap(["Luft"]);
      const diffuses = { final: true, text: expect.stringContaining("verströmt jetzt den Duft „Luft“") };
      await expect.poll(guest.view, PATIENCE).toMatchObject({ state: "ended", scent: "air", note: diffuses });
      const view = await askOperator(`${here.system.urls.bot}/api/sessions/${id}`, here.system.secrets);
      expect(await view.json()).toMatchObject({ id, answer: "Luft", scent: "air" });
    });
  });

  test("fails at a button that is not there, and at a link that is not good", async () => {
    await withGuest(async (guest) => {
      await guest.scan();
      const there = "a) Fire, b) Wood, c) Water, d) Air";
      await expect(guest.tap(["earth"])).rejects.toThrow(`There is no button "earth"; there are ${there}.`);
    });
    const bad = { launchUrl: `${here.system.urls.bot}/r/bad` };
    await withGuest(async (guest) => expect(guest.scan()).rejects.toThrow("The launch link answered 404"), bad);
  });
});

test("from the QR code on: the phone opens what its picture says, and shows each step", async () => {
  const { urls, secrets, launchUrl } = here.system;
  const picture = await (await askOperator(`${urls.bot}/api/launch/${SERIAL}?as=png`, secrets)).bytes();
  const link = await decodeQrPng(picture);
  expect(link).toBe(launchUrl);
  const guest = createBrowserGuest(here.browser, link ?? "", notAsked);
  try {
    await guest.scan();
    const asked = PNG.sync.read(Buffer.from((await guest.screenshot?.()) ?? []));
    await guest.tap(["wood"]);
    await expect.poll(guest.heard, PATIENCE).toContainEqual(END);
    const thanked = PNG.sync.read(Buffer.from((await guest.screenshot?.()) ?? []));
    for (const { width, height } of [asked, thanked]) expect([width, height]).toEqual([390, 844]);
    expect(thanked.data.equals(asked.data)).toBe(false);
  } finally {
    await guest.close();
  }
});

test("what the page does not show was not heard, whatever the bot said", async () => {
  const guest = createBrowserGuest(here.browser, here.system.launchUrl, notAsked);
  try {
    await guest.scan();
    await pageOf(here.browser)?.evaluate("document.querySelector('#log').remove()");
    await guest.say("b");
    await expect.poll(async () => (await guest.view()).state, PATIENCE).toBe("ended");
    expect(await guest.heard()).toEqual([]);
  } finally {
    await guest.close();
  }
});

/** The page of the guest who is there alone. */
function pageOf(browser: Browser) {
  const [context, ...others] = browser.contexts();
  expect(others).toEqual([]);
  return context?.pages()[0];
}

function notAsked(): never {
  return expect.unreachable();
}

test("a phone that has scanned nothing cannot be photographed, and says so to who waits for the picture", async () => {
  const guest = createBrowserGuest(here.browser, here.system.launchUrl, notAsked);
  await expect(guest.screenshot?.()).rejects.toThrow("The guest has not scanned the card.");
});
