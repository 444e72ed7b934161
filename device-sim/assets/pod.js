// The live side of a pod's page: it shows what the server says of the pod now. Pages are whole without it.
const GOOD_NOTICE_MS = 6_000;

/** @param {string} selector @param {ParentNode} [within] */
const find = (selector, within = document) => /** @type {HTMLElement | null} */ (within.querySelector(selector));

/**
 * Makes one part of the page like another. What is alike is left alone: it keeps its focus, its place in its animation
 * and what somebody types.
 *
 * @param {Element} shown @param {Element} wanted
 */
function bring(shown, wanted) {
  bringAttributes(shown, wanted);
  const now = [...shown.childNodes];
  for (const [at, node] of [...wanted.childNodes].entries()) bringNode(shown, now[at], node);
  for (const old of now.slice(wanted.childNodes.length)) old.remove();
}

/** @param {Element} shown @param {Element} wanted */
function bringAttributes(shown, wanted) {
  for (const name of shown.getAttributeNames()) if (!wanted.hasAttribute(name)) shown.removeAttribute(name);
  for (const { name, value } of wanted.attributes)
    if (shown.getAttribute(name) !== value) shown.setAttribute(name, value);
}

/** @param {Element} parent @param {ChildNode | undefined} old @param {ChildNode} node */
function bringNode(parent, old, node) {
  if (!old) parent.append(node.cloneNode(true));
  else if (old.nodeName !== node.nodeName) old.replaceWith(node.cloneNode(true));
  else if (old instanceof Element && node instanceof Element) bring(old, node);
  else if (old.nodeValue !== node.nodeValue) old.nodeValue = node.nodeValue;
}

/** @param {string} markup */
const read = (markup) => new DOMParser().parseFromString(markup, "text/html");

/** @param {string} selector @param {Document} from */
function take(selector, from) {
  const [shown, wanted] = [find(selector), find(selector, from)];
  if (shown && wanted) bring(shown, wanted);
  return wanted !== null;
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let fading;

/** What went well needs no answer. */
function letFade() {
  clearTimeout(fading);
  if (find('#notice [data-tone="good"]')) fading = setTimeout(() => find("#notice")?.replaceChildren(), GOOD_NOTICE_MS);
}

/** @param {string} text */
function complain(text) {
  const notice = document.createElement("p");
  notice.className = "notice";
  notice.dataset["tone"] = "bad";
  notice.textContent = text;
  find("#notice")?.replaceChildren(notice);
}

/** @param {HTMLFormElement} form @param {HTMLElement | null} by */
async function send(form, by) {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form, by)) if (typeof value === "string") body.append(name, value);
  try {
    const answer = await fetch(by?.getAttribute("formaction") ?? form.action, {
      method: "POST",
      headers: { accept: "text/html" },
      body,
    });
    const page = read(await answer.text());
    if (!take("#notice", page)) return complain(find(".why", page)?.textContent ?? "That was not understood.");
    // What is live has been told already, and perhaps more than this answer knows of.
    if (find("#live")?.dataset["tone"] !== "good") take("#pod", page);
    if (answer.ok) form.reset();
    letFade();
  } catch {
    complain("The simulator does not answer: nothing is known of what became of that.");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== "post") return;
  event.preventDefault();
  void send(form, event.submitter);
});

/** @param {HTMLElement} place @param {string} text @param {string} tone */
function tell(place, text, tone) {
  place.textContent = text;
  place.dataset["tone"] = tone;
}

/** @param {HTMLElement} place */
function live(place) {
  const stream = new EventSource(place.dataset["live"] ?? "");
  place.hidden = false;
  stream.addEventListener("page", ({ data }) => {
    tell(place, "Live", "good");
    take("#pod", read(JSON.parse(data)));
  });
  stream.addEventListener("error", () => {
    const isOver = stream.readyState === EventSource.CLOSED;
    tell(place, isOver ? "Not live any more: load the page again" : "Reconnecting", "bad");
  });
}

document.documentElement.classList.add("scripted");
letFade();
const place = find("#live");
if (place) live(place);
