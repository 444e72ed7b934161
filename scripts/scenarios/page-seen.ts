import type { Page } from "playwright-core";
import type { Button } from "./buttons.ts";
import type { Heard } from "./guest.ts";
import { withoutList } from "./heard.ts";

/** What stands on a guest's page at a moment. */
export type Seen = {
  stage: string;
  /** How far the choice got; 0 until the bot has taken it. */
  step: number;
  /** The AromaPod's side of the chat. */
  said: string[];
  buttons: Button[];
  /** How the page tells that another tab was first. */
  late: string;
};

const LOOK = `(() => {
  const plain = (text) => text.replace(/\\s+/g, " ").trim();
  const { stage = "", step = "0", chosen = "" } = document.querySelector("main")?.dataset ?? {};
  const shown = [...document.querySelectorAll("#log li:not(.guest)")].filter((item) => item.checkVisibility());
  const buttons = [...document.querySelectorAll("form.choices button")];
  return {
    stage,
    step: Number(step),
    said: shown.map(({ textContent, firstElementChild: who }) => plain(textContent.slice(who.textContent.length))),
    buttons: buttons.map(({ value, dataset, textContent }) => ({ scent: value, name: dataset.name, title: plain(textContent) })),
    late: chosen,
  };
})()`;

export function lookAt(page: Page): Promise<Seen> {
  return page.evaluate<Seen>(LOOK);
}

/** What the bot said as far as the page shows it; what the page says of itself is none of that. */
export function heardOn({ stage, step, said, buttons, late }: Seen): Heard[] {
  const choices = buttons.map(({ title }) => title);
  const ofBot = said.filter((text) => text !== late);
  const messages = ofBot.map((shown, at): Heard => {
    const text = withoutList(shown, choices);
    // The buttons stand below the chat: they belong to whatever asks for a choice.
    const asks = choices.length > 0 && (at === 0 || text !== shown);
    return { type: "message", text, ...(asks ? { choices } : {}) };
  });
  const isOver = stage === "closed" || (stage !== "asking" && step > 0);
  return isOver ? [...messages, { type: "end", text: "" }] : messages;
}

/** What was heard, with what the page shows beyond it. A page that was loaded again may show less of the chat. */
export function withNews(before: readonly Heard[], shown: readonly Heard[]): Heard[] {
  let next = 0;
  const news = shown.filter(({ type, text }) => {
    const at = before.findIndex((known, place) => place >= next && known.type === type && known.text === text);
    if (at >= 0) next = at + 1;
    return at < 0;
  });
  return [...before, ...news];
}
