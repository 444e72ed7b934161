/** Small things that pages in the style of the house are made of. */
import { Html, html } from "./html.ts";

/** How something stands: also told by a sign, never by colour alone. */
export type Tone = "good" | "bad" | "warn" | "busy" | "calm";

const SIGNS: Record<Tone, string> = { good: "✓", bad: "✕", warn: "!", busy: "›", calm: "–" };

export type Facts = readonly (readonly [name: string, value: Html | string | number | null])[];

export function chip(tone: Tone, text: string): Html {
  return html`<span class="chip" data-tone="${tone}"><i aria-hidden="true">${SIGNS[tone]}</i>${text}</span>`;
}

/** Day and time of the clock there; the instant itself is the title. */
export function moment(iso: string, zone: string): Html {
  return html`<time datetime="${iso}" title="${iso}">${DAY(zone).format(new Date(iso))} ${timeOfDay(iso, zone)}</time>`;
}

/** The time of the clock there; to the millisecond where the order of things is looked at. */
export function timeOfDay(iso: string, zone: string, digits?: 3): string {
  return TIME(zone, digits).format(new Date(iso));
}

/** A span of time in the unit that people would say it in. */
export function span(ms: number): string {
  if (ms < 1_000) return `${String(Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${String(minutes)} min ${String(Math.floor((ms % 60_000) / 1_000))} s`;
  return `${String(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`;
}

/** Names with their values: as a grid, or as a ledger with a line for each. */
export function facts(rows: Facts, look: "facts" | "ledger" = "facts"): Html {
  return html`<dl class="${look}">${rows.map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${value ?? html`<span class="none">none</span>`}</dd></div>`,
  )}</dl>`;
}

export function empty(title: string, text: Html | string): Html {
  return html`<div class="empty"><h2>${title}</h2><p>${text}</p></div>`;
}

export const CHECKED = new Html(" checked");

const DAY = perZone((timeZone) => new Intl.DateTimeFormat("en-GB", { timeZone, day: "numeric", month: "short" }));

const TIMES = { whole: perZone((zone) => timeFormat(zone)), fine: perZone((zone) => timeFormat(zone, 3)) };
const TIME = (zone: string, digits?: 3) => TIMES[digits ? "fine" : "whole"](zone);

function timeFormat(timeZone: string, fractionalSecondDigits?: 3): Intl.DateTimeFormat {
  const fields = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" } as const;
  return new Intl.DateTimeFormat("en-GB", {
    timeZone,
    ...fields,
    ...(fractionalSecondDigits && { fractionalSecondDigits }),
  });
}

/** A formatter is costly to make. */
function perZone(make: (zone: string) => Intl.DateTimeFormat) {
  const made = new Map<string, Intl.DateTimeFormat>();
  return (zone: string) => made.getOrInsertComputed(zone, make);
}
