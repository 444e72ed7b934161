import { Html, html } from "../plumbing/html.ts";
import { htmlDocument } from "../plumbing/html-document.ts";
import { mayDo, type Principal, type Subject } from "./permissions.ts";

/** What a button led to. */
export type Notice = { tone: "good" | "bad"; text: string };

/** What every page needs. */
export type Frame = {
  css: string;
  who: Principal;
  /** For the forms of the page. */
  pageToken: string;
  notice?: Notice | undefined;
};

type Place = readonly [path: string, label: string, subject: Subject];

const PLACES: readonly (readonly [group: string, places: readonly Place[]])[] = [
  [
    "Operation",
    [
      ["/", "Today", "self"],
      ["/device-usages", "Device usages", "device-usages"],
      ["/payments", "Payments", "payments"],
      ["/customers", "Customers", "customers"],
      ["/reports", "Reports", "reports"],
    ],
  ],
  [
    "Hotels and devices",
    [
      ["/corporations", "Corporations", "corporations"],
      ["/clients", "Clients", "clients"],
      ["/rooms", "Rooms", "rooms"],
      ["/device-types", "Device types", "device-types"],
      ["/devices", "Devices", "devices"],
      ["/device-setups", "Device setups", "device-setups"],
      ["/scents", "Scents", "scents"],
      ["/schedules", "Schedules", "schedules"],
    ],
  ],
  [
    "Administration",
    [
      ["/users", "Users", "users"],
      ["/api-keys", "API keys", "api-keys"],
      ["/settings", "Settings", "settings"],
      ["/master-data", "Import and export", "master-data"],
      ["/journal", "Requests", "journal"],
      ["/audit", "Audit log", "audit"],
    ],
  ],
];

type Page = {
  title: string;
  /** The path of the place that the page belongs to. */
  place: string;
  lead?: Html | string | undefined;
  /** What can be begun here. */
  actions?: Html | false;
  content: Html;
};

const CURRENT = new Html(' aria-current="page"');

/** A page of the back office, whole. */
export function erpPage(frame: Frame, { title, place, lead, actions, content }: Page): Html {
  return whole(
    frame.css,
    title,
    html`<a class="skip" href="#main">Skip to the content</a>
<header class="top"><button class="menu" popovertarget="menu" type="button">Menu</button><a class="brand" href="/">Katlai<span> ERP</span></a>
<a class="who" href="/account">${frame.who.name}<span> ${frame.who.role}</span></a><form method="post" action="/sign-out">${tokenField(frame)}<button class="quiet">Sign out</button></form></header>
<div class="office">
<nav id="menu" popover aria-label="Back office"><p class="shut"><button popovertarget="menu" popovertargetaction="hide" type="button">Close the menu</button></p>${PLACES.map(([group, places]) => navGroup(frame, { group, places, place }))}</nav>
<main id="main" tabindex="-1">
<div class="head"><div><h1>${title}</h1>${lead !== undefined && html`<p class="lead">${lead}</p>`}</div>${actions && html`<p class="actions">${actions}</p>`}</div>
${frame.notice && noticeBox(frame.notice)}
${content}
</main>
</div>`,
  );
}

/** A page for who is not signed in. */
export function plainPage(css: string, title: string, content: Html): Html {
  return whole(css, title, html`<main id="main" class="plain">${content}</main>`);
}

/** What cannot be shown, and the way on. */
export function errorPage(css: string, { status, message }: { status: number; message: string }): Html {
  const title = status === 404 ? "Nothing here" : status < 500 ? "This cannot be done" : "Something went wrong";
  return plainPage(
    css,
    title,
    html`<div class="card"><p class="brand">Katlai<span> ERP</span></p>
<h1>${title}</h1><p>${message}</p><p><a class="button" href="/">To the first page</a></p></div>`,
  );
}

/** What went well gets the focus, as no reader speaks of a status that was there from the first; what did not, alerts. */
export function noticeBox({ tone, text }: Notice): Html {
  if (tone === "bad") return html`<p class="notice" data-tone="bad" role="alert">${text}</p>`;
  return html`<p class="notice" data-tone="good" role="status" tabindex="-1" autofocus>${text}</p>`;
}

/** Without it a form of the back office is refused. */
export function tokenField({ pageToken }: Pick<Frame, "pageToken">): Html {
  return html`<input type="hidden" name="token" value="${pageToken}">`;
}

type NavGroup = { group: string; places: readonly Place[]; place: string };

function navGroup({ who }: Frame, { group, places, place }: NavGroup): Html | false {
  const visible = places.filter(([, , subject]) => mayDo(who, subject, "read"));
  if (visible.length === 0) return false;
  const links = visible.map(
    ([path, label]) => html`<li><a href="${path}"${path === place && CURRENT}>${label}</a></li>`,
  );
  return html`<p class="group" aria-hidden="true">${group}</p><ul aria-label="${group}">${links}</ul>`;
}

function whole(css: string, title: string, body: Html): Html {
  return htmlDocument({ title: `${title} · Katlai ERP`, assets: { css }, body });
}
