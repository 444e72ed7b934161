// The guest's side of the chat: a small Direct Line client. Without it the form does the same by plain posts.
const form = document.querySelector("form");
const log = document.querySelector(".log ul");
const note = /** @type {HTMLElement | null} */ (document.querySelector("#status"));
const again = /** @type {HTMLElement | null} */ (document.querySelector(".again"));
const page = document.querySelector("main");
const link = page?.dataset.link ?? "";

const POLL_MS = 400;
const GIVE_UP_MS = 130_000;

/** @param {string} path @param {RequestInit} [options] */
async function call(path, options) {
  const response = await fetch(path, options);
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.json();
}

/** @param {string} path @param {string} token @param {unknown} [body] */
function directLine(path, token, body) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const options = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
  return call(`/v3/directline/conversations${path}`, options);
}

/** @param {string} who @param {string} text @param {string} [scent] */
function say(who, text, scent = "") {
  const item = document.createElement("li");
  item.className = `${who} ${scent} arrives`;
  const speaker = document.createElement("span");
  speaker.className = "spoken";
  speaker.textContent = who === "guest" ? "You: " : "AromaPod: ";
  item.append(speaker, text);
  log?.append(item);
  return item;
}

/** @param {string} text @param {string} [tone] */
function tell(text, tone = "") {
  if (!note) return;
  note.textContent = text;
  note.dataset.tone = tone;
}

/** @param {string} scent */
async function answer(scent) {
  const { conversationId, token } = await call(`/r/${link}/token`, { method: "POST" });
  await directLine("", token, {});
  const id = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
  const activity = { type: "message", text: scent, value: { choice: scent }, channelData: { clientActivityID: id } };
  await directLine(`/${conversationId}/activities`, token, activity);
  const { activities } = await directLine(`/${conversationId}/activities?watermark=1`, token);
  for (const { type, from, text } of activities) if (type === "message" && from.role === "bot") say("bot", text);
}

/** Shows what became of the choice, until that is final. */
async function follow() {
  const offline = { note: { text: "Waiting for the network.", tone: "", final: false } };
  const giveUpAt = Date.now() + GIVE_UP_MS;
  while (Date.now() < giveUpAt) {
    const { text, tone, final } = (await call(`/r/${link}/session`).catch(() => offline)).note;
    tell(text, tone);
    if (final) break;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  if (again) again.hidden = false;
}

/** @param {HTMLFormElement} choices @param {HTMLButtonElement} button */
async function choose(choices, button) {
  const said = say("guest", button.dataset.name ?? button.value, button.value);
  tell("One moment.");
  note?.focus();
  choices.hidden = true;
  try {
    await answer(button.value);
  } catch {
    said.remove();
    choices.hidden = false;
    button.focus();
    tell("That did not get through. Please check the connection and tap again.", "bad");
    return;
  }
  await follow();
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.submitter instanceof HTMLButtonElement && !form.hidden) void choose(form, event.submitter);
});

if (page?.dataset.follow === "yes") void follow();
