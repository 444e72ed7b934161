// The console's live side: hops appear as they happen, and the flows are filtered while one types. Pages are whole without it.
const MAX_FLOWS = 60;

/** @param {string} selector @param {ParentNode} [within] */
const part = (selector, within = document) => /** @type {HTMLElement} */ (within.querySelector(selector));
/** @param {string} selector @param {ParentNode} [within] */
const parts = (selector, within = document) =>
  /** @type {HTMLElement[]} */ (Array.from(within.querySelectorAll(selector)));

/** @import { FlowHop } from "./console-types.ts" */

document.documentElement.classList.add("scripted");

/** A copy of what the server made for the script to fill in. @param {string} id */
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

/** @type {Map<string, Intl.DateTimeFormat>} */
const clocks = new Map();

/** The time on the clock of a room. @param {string} at @param {string} timeZone @param {Intl.DateTimeFormatOptions} fields */
function clock(at, timeZone, fields) {
  const key = `${timeZone} ${Object.keys(fields).join()}`;
  const format = clocks.get(key) ?? new Intl.DateTimeFormat("en-GB", { timeZone, ...fields });
  clocks.set(key, format);
  return format.format(new Date(at));
}

const DAY = /** @type {const} */ ({ day: "numeric", month: "short" });
const TIME = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const FINE = /** @type {const} */ ({ ...TIME, fractionalSecondDigits: 3 });

function span(ms = 0) {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((ms % 60_000) / 1_000)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function laidOut(payload = "") {
  try {
    return JSON.stringify(JSON.parse(payload), null, 2);
  } catch {
    return payload;
  }
}

/** @param {HTMLElement} time @param {string} at @param {string} text */
function fillTime(time, at, text) {
  time.setAttribute("datetime", at);
  time.title = at;
  time.textContent = text;
}

/** @param {FlowHop} hop @param {HTMLElement} flow */
function hopItem(hop, flow) {
  const item = copyOf("hop");
  Object.assign(item.dataset, { part: hop.part, n: String(hop.n) });
  item.classList.add("arrives");
  fill(item, ".lane", hop.part);
  const name = fill(item, ".name", hop.name);
  fillTime(part("time", item), hop.at, clock(hop.at, flow.dataset["zone"] ?? "UTC", FINE));
  fill(item, ".plus", `+${span(Math.max(0, Date.parse(hop.at) - Number(flow.dataset["start"])))}`);
  fill(item, ".detail", hop.detail);
  fill(item, ".why", hop.detail || (hop.ok ? "" : "no reason was given"));
  if (hop.payload === null) part("pre", item).remove();
  else fill(item, "pre", laidOut(hop.payload));
  if (!hop.ok) {
    item.dataset["failed"] = "";
    const spoken = document.createElement("span");
    spoken.className = "spoken";
    spoken.textContent = "failed: ";
    name.prepend(spoken);
  }
  return item;
}

function live() {
  const board = part("#flows");
  const [status, button] = [part("#live"), part("#pause")];
  const isSingle = board.classList.contains("single");
  /** @type {Record<string, [room: string, zone: string]>} */
  const rooms = JSON.parse(board.dataset["rooms"] ?? "{}");
  /** @type {FlowHop[]} */
  let waiting = [];
  let isPaused = false;

  /** @param {FlowHop} hop */
  function beginFlow(hop) {
    const flow = copyOf("flow");
    const [room, zone] = rooms[hop.serial] ?? [hop.serial, "UTC"];
    Object.assign(flow.dataset, { flow: hop.flowId, zone, start: String(Date.parse(hop.at)) });
    fill(flow, "h2 a", room).setAttribute("href", `/flow/${encodeURIComponent(hop.flowId)}`);
    fill(flow, ".serial code", hop.serial);
    fillTime(part("time", flow), hop.at, `${clock(hop.at, zone, DAY)} ${clock(hop.at, zone, TIME)}`);
    part(".empty", board)?.remove();
    part(".lanes", board).after(flow);
    for (const old of parts(".flow", board).slice(MAX_FLOWS)) old.remove();
    return flow;
  }

  /** @param {FlowHop} hop */
  function show(hop) {
    const known = part(`[data-flow="${CSS.escape(hop.flowId)}"]`, board);
    if (part(`[data-n="${hop.n}"]`, board) || (isSingle && !known)) return;
    const flow = known ?? beginFlow(hop);
    const items = parts(".hop", flow);
    const before = items.findLast((item) => (part("time", item).getAttribute("datetime") ?? "") <= hop.at);
    const item = hopItem(hop, flow);
    if (before) before.after(item);
    else part(".hops", flow).prepend(item);
    if (!hop.ok) flow.dataset["failed"] = "";
    tellOutcome(flow);
    filter();
  }

  /** Rows stand still while somebody reads in one; the row itself goes on. */
  function isHeld(/** @type {FlowHop} */ { flowId }) {
    const isReading = !isSingle && part("details[open]", board);
    return isPaused || (isReading && !part(`[data-flow="${CSS.escape(flowId)}"]`, board));
  }

  function release() {
    const { held = [], free = [] } = Object.groupBy(waiting, (hop) => (isHeld(hop) ? "held" : "free"));
    waiting = held;
    for (const hop of free) show(hop);
    const more = waiting.length > 0 ? ` (${waiting.length} new)` : "";
    if (button) button.textContent = `${isPaused ? "Resume" : "Pause"}${more}`;
  }

  function tell(text = "", tone = "calm") {
    if (!status || status.textContent === text) return;
    status.textContent = text;
    status.dataset["tone"] = tone;
  }

  const tellState = () => (isPaused ? tell("Paused", "warn") : tell("Live", "good"));

  const glue = board.dataset["live"]?.includes("?") ? "&" : "?";
  const stream = new EventSource(`${board.dataset["live"]}${glue}after=${board.dataset["after"]}`);
  stream.addEventListener("open", tellState);
  stream.addEventListener("error", () => tell("Reconnecting", "bad"));
  stream.addEventListener("hop", ({ data }) => {
    waiting.push(JSON.parse(data));
    release();
  });
  board.addEventListener("toggle", release, true);
  button?.addEventListener("click", () => {
    isPaused = !isPaused;
    button.setAttribute("aria-pressed", String(isPaused));
    tellState();
    release();
  });
  if (button) button.hidden = false;
}

/** As the server says it. @param {HTMLElement} flow */
function tellOutcome(flow) {
  const last = parts('.hop[data-part="device database"]', flow).at(-1) ?? parts(".hop", flow).at(-1);
  const place = flow.querySelector(".outcome");
  if (!last || !place) return;
  const name = part(".name", last).lastChild?.textContent ?? "";
  const tone = last.dataset["failed"] !== undefined ? "bad" : name.endsWith("delivered") ? "good" : "busy";
  const chip = document.createElement("span");
  chip.className = "chip";
  chip.dataset["tone"] = tone;
  const sign = document.createElement("i");
  sign.ariaHidden = "true";
  sign.textContent = { good: "✓", bad: "✕", busy: "›" }[tone];
  chip.append(sign, name);
  const took = document.createElement("span");
  took.className = "plus";
  took.textContent = part(".plus", last).textContent?.slice(1) ?? "";
  place.replaceChildren(chip, " ", took);
}

const form = /** @type {HTMLFormElement | null} */ (document.querySelector(".toolbar"));

/** Shows the flows that fit, and keeps the address so that it can be passed on. */
function filter() {
  if (!form) return;
  const wanted = new FormData(form);
  const words = String(wanted.get("q")).toLowerCase();
  for (const flow of parts(".flow")) {
    const fits = words === "" || `${flow.dataset["flow"]} ${flow.textContent}`.toLowerCase().includes(words);
    flow.hidden = !fits || (wanted.has("failed") && flow.dataset["failed"] === undefined);
  }
}

form?.addEventListener("input", () => {
  filter();
  const asked = new URLSearchParams(Array.from(new FormData(form), ([name, value]) => [name, String(value)]));
  if (asked.get("q") === "") asked.delete("q");
  history.replaceState(null, "", asked.size > 0 ? `/?${asked}` : "/");
});
form?.addEventListener("submit", (event) => event.preventDefault());

/** One hop is open at a time; Escape and a click elsewhere close it. @param {Node | null} but */
function closeHops(but = null) {
  for (const hop of parts("#flows:not(.single) details[open]")) if (hop !== but) hop.removeAttribute("open");
}
document.addEventListener("click", ({ target }) => {
  closeHops(target instanceof Element ? target.closest("details") : null);
});
document.addEventListener("keydown", ({ key }) => {
  const open = key === "Escape" && part("#flows:not(.single) details[open]");
  if (!open) return;
  part("summary", open).focus();
  closeHops();
});

if (part("#flows")) live();
