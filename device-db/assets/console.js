// The console's live side: hops appear as they happen, and flows are filtered while one types. Pages are whole without it.
const MAX_FLOWS = 60;
const SIGNS = { good: "✓", bad: "✕", busy: "›" };

/** @import { FlowHop } from "./console-types.ts" */

/** @param {string} selector @param {ParentNode} [within] */
const find = (selector, within = document) => /** @type {HTMLElement | null} */ (within.querySelector(selector));
/** @param {string} selector @param {ParentNode} [within] */
const part = (selector, within) => /** @type {HTMLElement} */ (find(selector, within));
/** @param {string} selector @param {ParentNode} [within] */
const parts = (selector, within = document) =>
  /** @type {HTMLElement[]} */ (Array.from(within.querySelectorAll(selector)));

const board = find("#flows");
const form = /** @type {HTMLFormElement | null} */ (find("form.toolbar"));
const isSingle = board?.classList.contains("single") === true;

/** Room and time zone of each device. @type {Record<string, [room: string, zone: string]>} */
const rooms = JSON.parse(board?.dataset["rooms"] ?? "{}");
/** Hops that are not shown yet. @type {FlowHop[]} */
let waiting = [];
let isPaused = false;

/** A copy of what the server made for the script to fill in. @param {"hop" | "flow"} id */
function copyOf(id) {
  const template = /** @type {HTMLTemplateElement} */ (part(`template#${id}`));
  return /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
}

/** @param {HTMLElement} within @param {string} selector @param {string} text */
function fill(within, selector, text) {
  const place = part(selector, within);
  place.textContent = text;
  return place;
}

/** @param {string} tag @param {string} className @param {string} text */
function make(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

const DAY = /** @type {const} */ ({ day: "numeric", month: "short" });
const TIME = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const FINE = /** @type {const} */ ({ ...TIME, fractionalSecondDigits: 3 });

/** A formatter is costly to make. @type {Map<string, Intl.DateTimeFormat>} */
const clocks = new Map();

/** The time on the clock of a room. @param {string} at @param {string} timeZone @param {Intl.DateTimeFormatOptions} look */
function clock(at, timeZone, look) {
  const key = `${timeZone} ${Object.keys(look).length}`;
  const format = clocks.get(key) ?? new Intl.DateTimeFormat("en-GB", { timeZone, ...look });
  clocks.set(key, format);
  return format.format(new Date(at));
}

function span(ms = 0) {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((ms % 60_000) / 1_000)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** What was sent, if it is JSON. @param {string | null} payload @returns {any} */
function read(payload) {
  try {
    return JSON.parse(payload ?? "");
  } catch {
    return undefined;
  }
}

/** @param {HTMLElement} within @param {string} at @param {string} text */
function fillTime(within, at, text) {
  const time = fill(within, "time", text);
  time.setAttribute("datetime", at);
  time.title = at;
}

/** @param {FlowHop} hop @param {HTMLElement} flow */
function hopItem({ part: lane, n, name, at, ok, detail, payload }, flow) {
  const item = copyOf("hop");
  Object.assign(item.dataset, { part: lane, n: String(n) });
  item.classList.add("arrives");
  fill(item, ".lane", lane);
  const named = fill(item, ".name", name);
  fillTime(item, at, clock(at, flow.dataset["zone"] ?? "UTC", FINE));
  fill(item, ".plus", `+${span(Math.max(0, Date.parse(at) - Number(flow.dataset["start"])))}`);
  fill(item, ".detail", detail);
  fill(item, ".why", detail || (ok ? "" : "no reason was given"));
  const sent = read(payload);
  if (payload === null) part("pre", item).replaceWith(make("p", "soft", "Nothing was sent with this step."));
  else fill(item, "pre", sent === undefined ? payload : JSON.stringify(sent, null, 2));
  if (ok) return item;
  item.dataset["failed"] = "";
  named.prepend(make("span", "spoken", "failed: "));
  return item;
}

/** @param {FlowHop} hop @param {HTMLElement} within */
function beginFlow({ flowId, serial, at }, within) {
  const flow = copyOf("flow");
  const [room, zone] = rooms[serial] ?? [serial, "UTC"];
  Object.assign(flow.dataset, { flow: flowId, zone, start: String(Date.parse(at)) });
  fill(flow, "h2 a", room).setAttribute("href", `/flow/${encodeURIComponent(flowId)}`);
  fill(flow, ".serial code", serial);
  fillTime(flow, at, `${clock(at, zone, DAY)} ${clock(at, zone, TIME)}`);
  find(".empty", within)?.remove();
  part(".lanes", within).after(flow);
  for (const old of parts(".flow", within).slice(MAX_FLOWS)) old.remove();
  return flow;
}

const flowOf = (id = "") => find(`#flows [data-flow="${CSS.escape(id)}"]`);

/** @param {FlowHop} hop @param {HTMLElement} within */
function show(hop, within) {
  const known = flowOf(hop.flowId);
  if (find(`[data-n="${hop.n}"]`, within) || (isSingle && !known)) return;
  const flow = known ?? beginFlow(hop, within);
  const item = hopItem(hop, flow);
  const before = parts(".hop", flow).findLast((one) => (part("time", one).getAttribute("datetime") ?? "") <= hop.at);
  if (before) before.after(item);
  else part(".hops", flow).prepend(item);
  if (!hop.ok) flow.dataset["failed"] = "";
  const scent = read(hop.payload)?.scent;
  if (!isSingle && typeof scent === "string") fill(flow, ".what .scent", scent).className = `scent ${scent}`;
  tellOutcome(flow);
  if (form) fit(flow, wantedIn(form));
}

/** As the server says it. @param {HTMLElement} flow */
function tellOutcome(flow) {
  const hops = parts(".hop", flow);
  const last = hops.findLast(({ dataset }) => dataset["part"] === "device database") ?? hops.at(-1);
  const place = find(".outcome", flow);
  if (!last || !place) return;
  const name = part(".name", last).lastChild?.textContent ?? "";
  const tone = last.dataset["failed"] !== undefined ? "bad" : name.endsWith("delivered") ? "good" : "busy";
  const chip = make("span", "chip", name);
  chip.dataset["tone"] = tone;
  const sign = make("i", "", SIGNS[tone]);
  sign.ariaHidden = "true";
  chip.prepend(sign);
  place.replaceChildren(chip, " ", make("span", "plus", part(".plus", last).textContent.slice(1)));
}

/** Rows stand still while somebody reads in one; the row itself goes on. @param {FlowHop} hop */
const isHeld = ({ flowId }) => isPaused || (!isSingle && find("#flows details[open]") !== null && !flowOf(flowId));

/** @param {HTMLElement} within */
function release(within) {
  const { held = [], free = [] } = Object.groupBy(waiting, (hop) => (isHeld(hop) ? "held" : "free"));
  waiting = held;
  for (const hop of free) show(hop, within);
  part("#pause").textContent = `${isPaused ? "Resume" : "Pause"}${held.length > 0 ? ` (${held.length} new)` : ""}`;
}

function tell(text = "", tone = "calm") {
  const status = part("#live");
  if (status.textContent !== text) status.textContent = text;
  status.dataset["tone"] = tone;
}

const tellState = () => (isPaused ? tell("Paused", "warn") : tell("Live", "good"));

/** @param {HTMLElement} within */
function live(within) {
  const { live: address = "", after = "" } = within.dataset;
  const stream = new EventSource(`${address}${address.includes("?") ? "&" : "?"}after=${after}`);
  stream.addEventListener("open", tellState);
  stream.addEventListener("error", () => {
    // As after a sign-out: the browser does not try again by itself.
    const isOver = stream.readyState === EventSource.CLOSED;
    tell(isOver ? "Not live any more: load the page again" : "Reconnecting", "bad");
  });
  stream.addEventListener("hop", ({ data }) => {
    waiting.push(JSON.parse(data));
    release(within);
  });
  within.addEventListener("toggle", () => release(within), true);
  const button = part("#pause");
  button.hidden = false;
  button.addEventListener("click", () => {
    isPaused = !isPaused;
    button.setAttribute("aria-pressed", String(isPaused));
    tellState();
    release(within);
  });
}

/** What the form asks for, as an address has it. @param {HTMLFormElement} from */
function wantedIn(from) {
  const wanted = new URLSearchParams();
  for (const [name, value] of new FormData(from)) if (typeof value === "string" && value) wanted.set(name, value);
  return wanted;
}

/** Shows a flow if it fits. @param {HTMLElement} flow @param {URLSearchParams} wanted */
function fit(flow, wanted) {
  const words = (wanted.get("q") ?? "").toLowerCase();
  const fits = words === "" || `${flow.dataset["flow"]} ${flow.textContent}`.toLowerCase().includes(words);
  flow.hidden = !fits || (wanted.has("failed") && flow.dataset["failed"] === undefined);
  part("#nofit").hidden = find(".flow:not([hidden])") !== null || find(".empty") !== null;
}

/** Then the page lacks what the server left out. */
const cameFiltered = location.search !== "";

form?.addEventListener("input", () => {
  const wanted = wantedIn(form);
  for (const flow of parts(".flow")) fit(flow, wanted);
  // So that it can be passed on.
  if (wanted.size === 0 && cameFiltered) location.assign("/");
  else history.replaceState(null, "", wanted.size > 0 ? `/?${wanted}` : "/");
});

/** One hop is open at a time. @param {Node | null} but */
function closeHops(but = null) {
  for (const hop of parts("#flows:not(.single) details[open]")) if (hop !== but) hop.removeAttribute("open");
}
document.addEventListener("click", ({ target }) => {
  closeHops(target instanceof Element ? target.closest("details") : null);
});
document.addEventListener("keydown", ({ key }) => {
  const open = key === "Escape" && find("#flows:not(.single) details[open]");
  if (!open) return;
  part("summary", open).focus();
  closeHops();
});

document.documentElement.classList.add("scripted");
if (board) live(board);
