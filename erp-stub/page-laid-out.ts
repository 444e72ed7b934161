import { type Html, html } from "../plumbing/html.ts";

const NONE = html`<span class="none">none</span>`;

/** A JSON value for people to read: names with their values, and lists. */
export function laidOut(value: unknown): Html | string {
  if (value === null || value === undefined || value === "") return NONE;
  if (typeof value === "string") return value;
  if (typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value);
  if (entries.length === 0) return NONE;
  if (Array.isArray(value))
    return html`<ul class="laid-out">${value.map((one) => html`<li>${laidOut(one)}</li>`)}</ul>`;
  return html`<dl class="laid-out">${entries.map(([name, one]) => html`<div><dt>${name}</dt><dd>${laidOut(one)}</dd></div>`)}</dl>`;
}
