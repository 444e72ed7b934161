// The guest's side of the chat: a small Direct Line client. Without it the form does the same by plain posts.
const backOffMs = (tries = 0) => Math.min(500 * 2 ** tries, 8_000);
const TIMEOUT_MS = 15_000;
const STREAM_MS = 1_000; // How long the bot's words may take on the stream before they are fetched.
const MAX_FAILURES = 3; // A choice that the server fails at so often is given back to the guest.
const pollAfterMs = (polls = 0) => Math.min(400 * 1.07 ** polls, 3_000);
const MAX_POLLS = 80; // Together longer than a command may wait for its pod.
/** A pod that has confirmed may never say that it diffuses. */
const POLLS_AFTER_END = 10;

/** @import { Activity, Chat, Refusal } from "./guest-types.ts" */

/** @param {string} selector */
const part = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));
const [status, more] = [part("#status"), part("#more")];
const form = document.querySelector("form");
/** How far the chat is, and what the page may have to say in its language. */
const page = part("main").dataset;
const isAsking = () => page["stage"] === "asking";
const locale = document.documentElement.lang;

/** @type {Chat} */ let chat;
/** @type {WebSocket | undefined} */ let socket;
/** The number of the last activity that the page shows; the first is the question. */
let seen = 1;
let over = !isAsking();
const isOver = () => over;
/** The chat is refused: the form goes its own way. */
let isPlain = false;
/** The ids of this page's own activities. @type {Set<string>} */
const mine = new Set();

/** Ends early when there is reason to hope. */
const pause = (ms = 0) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
    addEventListener("wake", resolve, { once: true });
  });

/** @param {string} path @param {RequestInit} [options] */
async function call(path, options) {
  const timeout = new AbortController();
  setTimeout(() => timeout.abort(), TIMEOUT_MS);
  const answer = await fetch(path, { ...options, signal: timeout.signal });
  if (answer.ok) return answer.json();
  const waitMs = Number(answer.headers.get("retry-after")) * 1_000;
  throw Object.assign(new Error(`HTTP ${answer.status}`), { code: answer.status, waitMs });
}

/** @param {string} path @param {unknown} [body] @param {string} [token] */
function directLine(path, body, token = chat.token) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const options = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
  return call(`/v3/directline/conversations${path}`, options);
}

/** @param {unknown} activity */
const post = (activity) => directLine(`/${chat.conversationId}/activities`, activity);
const fetchWords = () => directLine(`/${chat.conversationId}/activities?watermark=${seen}`);
const catchUp = () => fetchWords().then(take, () => undefined);

/**
 * Does it until it is done. @param {() => Promise<any>} work @param {number} [maxFailures]
 * @throws what was refused, since that will be refused again, and what the server failed at so often
 */
async function persist(work, maxFailures = Infinity) {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      const { code = 0, waitMs } = /** @type {Refusal} */ (error);
      const isTemporary = code < 400 || code === 429 || (code >= 500 && tries + 1 < maxFailures);
      if (!isTemporary) throw error;
      tell(page[code === 429 ? "busy" : isAsking() ? "offline" : "kept"]);
      await pause(waitMs || backOffMs(tries));
    }
  }
}

function tell(text = "", tone = "") {
  if (status.textContent !== text) status.textContent = text;
  page["tone"] = tone;
}

const calm = () => over || tell(isAsking() ? "" : page["sending"]);

/** @param {"pod" | "you"} speaker @param {string} text @param {string} [scent] */
function say(speaker, text, scent = "") {
  const item = document.createElement("li");
  const spoken = document.createElement("span");
  spoken.className = "spoken";
  spoken.textContent = `${page[speaker]} `;
  item.className = speaker === "you" ? "guest arrives" : "arrives";
  item.append(spoken, text);
  part("#log ul").append(item);
  const buttons = /** @type {HTMLButtonElement[]} */ (Array.from(form?.elements ?? []));
  const sign = buttons.find(({ value }) => value === scent)?.querySelector("svg");
  if (!sign) return item;
  item.classList.add(scent);
  item.prepend(sign.cloneNode(true));
  part(".emblem").replaceChildren(sign.cloneNode(true));
  part("main").className = scent;
  return item;
}

/** The focus does not get lost with what it was on. */
function goTo(stage = "") {
  const isFocused = form?.contains(document.activeElement) || document.activeElement === more;
  page["stage"] = stage;
  more.hidden = true;
  if (isFocused) part(stage === "closed" ? ".restart" : "#status").focus();
}

/** Begins the conversation, or takes up the one of this browser. */
async function begin() {
  chat = await persist(async () => {
    const { token } = await call(`${location.pathname}/token`, { method: "POST" });
    return directLine("", { locale }, token);
  });
  calm();
  listen();
}

function listen(tries = 0) {
  const again = () => void reconnect(tries);
  try {
    socket = new WebSocket(chat.streamUrl);
  } catch {
    // As on a secure page whose server does not know that it is one; then what is said is fetched.
    return again();
  }
  socket.onopen = () => (tries = 0);
  socket.onmessage = ({ data }) => data && take(JSON.parse(data));
  socket.onclose = again;
}

async function reconnect(tries = 0) {
  await pause(backOffMs(tries));
  if (isOver()) return;
  try {
    chat = await persist(() => directLine(`/${chat.conversationId}?watermark=${seen}`));
  } catch {
    // Expired, or over: the page that the server gives now is the truth.
    return location.reload();
  }
  calm();
  await catchUp();
  if (!isOver()) listen(tries + 1);
}

/** @param {{ activities: Activity[] }} set */
function take({ activities }) {
  for (const activity of activities) {
    const number = Number(activity.id.split("|").pop());
    if (number <= seen) continue;
    seen = number;
    if (activity.type === "endOfConversation") end(activity.code);
    else if (activity.type === "message") hear(activity);
  }
}

/** @param {Activity} activity */
function hear({ from, text, replyToId, value, channelData, suggestedActions }) {
  if (from.role !== "bot") return mine.has(channelData?.clientActivityID ?? "") || say("you", text, value?.choice);
  // Said without being asked, it is that the chat closes soon; the question that follows stands on the page.
  more.hidden = replyToId !== undefined;
  return (suggestedActions && !more.hidden) || say("pod", text);
}

function end(code = "") {
  over = true;
  page["step"] = "1";
  goTo(code === "botTimedOut" ? "closed" : "sent");
  tell();
  if (code !== "botTimedOut") void follow();
}

/** Sends a choice until it has arrived; with the same id each time, so it counts once. @param {HTMLButtonElement} button */
async function choose(button) {
  const { value: choice } = button;
  const text = button.dataset["name"] ?? choice;
  const id = crypto.getRandomValues(new Uint32Array(4)).join("-");
  mine.add(id);
  const activity = { type: "message", text, value: { choice }, locale, channelData: { clientActivityID: id } };
  const deliver = () => persist(() => post(activity), MAX_FAILURES);
  // It leaves before the page changes, which takes a slow phone a while.
  const arrival = socket ? deliver() : ready.then(deliver);
  const said = say("you", text, choice);
  goTo("sent");
  tell(page["sending"]);
  try {
    await arrival;
  } catch (error) {
    const { code = 500 } = /** @type {Refusal} */ (error);
    said.remove();
    if (code < 500 && !isPlain) return late();
    goTo("asking");
    tell(page["failed"], "bad");
    return isPlain ? button.click() : button.focus();
  }
  calm();
  if (socket?.readyState === WebSocket.OPEN) await pause(STREAM_MS);
  if (!isOver()) await catchUp();
}

/** The chat was over before the choice came: what it has come to is shown. */
async function late() {
  await catchUp();
  if (!isOver()) return location.reload();
  // Another tab was first, unless the time was up.
  if (page["stage"] !== "closed") say("pod", page["chosen"] ?? "");
}

/** Shows what became of the choice, until that is final. */
async function follow() {
  for (let polls = 0, last = MAX_POLLS; polls < last; polls++) {
    const view = await call(`${location.pathname}/session`).catch(
      ({ code }) => void (code === 404 && location.reload()),
    );
    if (view ? view.state === "none" : page["stage"] === "ended") break;
    const { text, tone, final, step } = view?.note ?? { text: page["waiting"], step: page["step"] };
    tell(text, tone);
    Object.assign(page, { step, stage: final ? "ended" : "sent" });
    if (final) last = Math.min(last, step === 3 || tone === "bad" ? 0 : polls + POLLS_AFTER_END);
    await pause(pollAfterMs(polls));
  }
  page["stage"] = "ended";
}

form?.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (isPlain || !(button instanceof HTMLButtonElement)) return;
  event.preventDefault();
  if (isAsking()) void choose(button);
});
more.addEventListener("click", () => {
  part("fieldset button").focus();
  more.hidden = true;
  const tellSo = () => tell(page["extended"]);
  post({ type: "typing" }).then(tellSo, () => (more.hidden = false));
});
const wake = () => dispatchEvent(new Event("wake")) && socket && !over && void catchUp();
addEventListener("online", wake);
document.addEventListener("visibilitychange", () => document.hidden || wake());
// The way back to a page that the browser kept as it was.
addEventListener("pageshow", ({ persisted }) => persisted && location.reload());

const ready = over ? Promise.resolve() : begin();
ready.catch(() => (isPlain = true));
if (page["stage"] === "sent") void follow();
