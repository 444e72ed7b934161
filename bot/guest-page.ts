import { type Html, html } from "../plumbing/html.ts";
import type { GuestNote, GuestView } from "./contract.ts";
import { type Frame, layout, speaker } from "./guest-layout.ts";
import { noteOf } from "./guest-note.ts";
import { CARD, HOURGLASS, SIGNS } from "./guest-signs.ts";
import { type Choice, choicesIn } from "./question.ts";

/** A page of a good link. */
export type RoomFrame = Frame & { room: string; link: string };

/** How far the chat is; the script goes the same way in the page that it got. */
type Stage = "asking" | "sent" | "ended" | "closed";

type Chat = { stage: Stage; said: Html[]; note: GuestNote; choice?: Choice | undefined };

const NO_NOTE: GuestNote = { text: "", tone: "", final: false, step: 0 };

/** The question, ready to be answered by a tap; works as a plain form too. */
export function questionPage(frame: RoomFrame): Html {
  return chatPage(frame, { stage: "asking", said: [asked(frame)], note: NO_NOTE });
}

/** A session of this guest that has its answer. */
export function answeredPage(frame: RoomFrame, view: GuestView): Html {
  const note = noteOf(frame.language, view);
  const choice = choicesIn(frame.language).find(({ scent }) => scent === view.scent);
  const thanks = speaker(frame)("bot.thanks", { scent: view.scent ?? "" });
  const said = [asked(frame), ...(choice ? [answered(frame, choice)] : []), ofPod(frame, thanks)];
  return chatPage(frame, { stage: note.final ? "ended" : "sent", said, note, choice });
}

/** A session that closed without an answer. */
export function closedPage(frame: RoomFrame): Html {
  const said = [asked(frame), ofPod(frame, speaker(frame)("bot.timedOut"))];
  return chatPage(frame, { stage: "closed", said, note: NO_NOTE });
}

/** The same page for every link that is not good, whatever is wrong with it. */
export function badLinkPage(frame: Frame): Html {
  const t = speaker(frame);
  return noticePage(frame, { sign: CARD, title: t("guest.badTitle"), text: t("guest.badText") });
}

/** Shown while the list of rooms has not arrived yet. */
export function notReadyPage(frame: Frame, link: string): Html {
  const t = speaker(frame);
  const action = html`<a class="button" href="/r/${link}">${t("guest.tryAgain")}</a>`;
  return noticePage(frame, {
    sign: HOURGLASS,
    title: t("guest.notReadyTitle"),
    text: t("guest.notReadyText"),
    action,
  });
}

/** Too many sessions begin; the choice that was made goes with the next try. */
export function tooManyPage(frame: RoomFrame, choice: string, seconds: number): Html {
  const t = speaker(frame);
  const action = html`<form method="post" action="/r/${frame.link}/answer">
<button class="button" name="choice" value="${choice}">${t("guest.tryAgain")}</button></form>`;
  const text = t("guest.busyText", { seconds });
  return noticePage(frame, { sign: HOURGLASS, title: t("guest.busyTitle"), text, action });
}

type Notice = { sign: Html; title: string; text: string; action?: Html };

function noticePage(frame: Frame, { sign, title, text, action }: Notice): Html {
  const content = html`<main class="notice">
<p class="brand">AromaPod Pro</p>
<div class="emblem">${sign}</div>
<h1>${title}</h1>
<p>${text}</p>
${action}
</main>`;
  return layout(frame, { title, content });
}

function chatPage(frame: RoomFrame, { stage, said, note, choice }: Chat): Html {
  const t = speaker(frame);
  const content = html`<main data-stage="${stage}" data-step="${note.step}" data-tone="${note.tone}" class="${choice?.scent ?? ""}"${texts(frame)}>
<header>
<p class="brand">AromaPod Pro</p>
<h1>${frame.room}</h1>
</header>
<div id="log" role="log" aria-label="${t("guest.chat")}"><ul>${said}</ul></div>
<button class="button" id="more" type="button" hidden>${t("guest.more")}</button>
${stage === "asking" && choices(frame)}
<div class="outcome">
<div class="emblem">${choice && SIGNS[choice.scent]}</div>
<ol aria-hidden="true"><li>${t("guest.sent")}</li><li>${t("guest.confirmed")}</li><li>${t("guest.diffusing")}</li></ol>
<p id="status" role="status" tabindex="-1">${note.text}</p>
<p class="close">${t("guest.close")}</p>
</div>
<a class="button again" href="?again">${t("guest.again")}</a>
<a class="button restart" href="?again">${t("guest.startAgain")}</a>
</main>`;
  return layout(frame, { title: frame.room, content, isChat: true, follow: stage === "sent" });
}

/** What the script may have to say. */
function texts(frame: Frame): Html {
  const t = speaker(frame);
  const keys = ["sending", "offline", "kept", "waiting", "failed", "busy", "extended", "pod", "you"] as const;
  return html` data-chosen="${t("bot.alreadyChosen")}"${keys.map((key) => html` data-${key}="${t(`guest.${key}`)}"`)}`;
}

function choices(frame: RoomFrame): Html {
  const buttons = choicesIn(frame.language).map(
    ({ scent, letter, name }) => html`<button name="choice" value="${scent}" data-name="${name}" class="${scent}">
<span class="sign">${SIGNS[scent]}</span>
<span><span class="letter">${letter})</span> ${name}</span>
</button>
`,
  );
  return html`<form class="choices" method="post" action="/r/${frame.link}/answer">
<fieldset>
<legend class="spoken">${speaker(frame)("bot.question")}</legend>
${buttons}</fieldset>
</form>`;
}

function asked(frame: Frame): Html {
  return ofPod(frame, speaker(frame)("bot.question"));
}

function ofPod(frame: Frame, text: string): Html {
  return html`<li><span class="spoken">${speaker(frame)("guest.pod")} </span>${text}</li>`;
}

function answered(frame: Frame, { scent, name }: Choice): Html {
  const you = speaker(frame)("guest.you");
  return html`<li class="guest ${scent}">${SIGNS[scent]}<span class="spoken">${you} </span>${name}</li>`;
}
