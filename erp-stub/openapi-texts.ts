/** What has to be known before any operation: a heading, then paragraphs. */
const SECTIONS: readonly (readonly [heading: string, ...paragraphs: string[]])[] = [
  [
    "Addresses and bodies",
    "All addresses begin with the one of this server. Bodies and answers are JSON in UTF-8. Times are ISO 8601 and kept in UTC with milliseconds, days are `YYYY-MM-DD`, times of day `HH:MM:SS`; money is a whole number of minor units, so that 2500 is 25.00. A body has at most 64 KiB and no `Content-Encoding`.",
    "More fields may come in answers: ignore what you do not know.",
  ],
  [
    "Two endpoints without a key",
    "`GET /device/switch` and `POST /api/customers` are as Katlai documents them, and need no key. They answer only who calls from an address on the allow-list of device databases, which an admin keeps in the settings together with the known proxies; at first that is the ERP’s own machine. A call that came through a proxy counts as from the one before it if the proxy is a known one, and is refused otherwise. What a browser sends is refused, as each of these calls writes.",
    "Where Katlai’s documentation is silent, Laravel’s wording and behaviour are the model, and what is said here is marked as a guess.",
  ],
  [
    "Keys",
    "All else needs an API key, sent as `Authorization: Bearer`. An admin makes it on the page “API keys” or by `POST /api/api-keys`; it is shown once. A key has a role (`viewer`, `manager` or `admin`, each may do what those before it may) and may be bound to one client. What is not for it is answered 403, or 404 if it is another client’s row.",
  ],
  [
    "Errors",
    "The two endpoints without a key answer every error as `{error, details?}`, with messages by field in `details`. All others answer `application/problem+json` (RFC 9457): `detail` says what is wrong, and with 422 `errors` has messages by field. What was answered 4xx was not written. With 5xx, or with no answer at all, that is not certain.",
  ],
  [
    "Lists and pages",
    "A list is asked for page by page: `page` counts from 1, and a page has `limit` rows, 50 unless given and at most 500. `q` looks for a text. A field that is a choice, or that refers to another row, is a filter too. The answer tells how many rows fit (`total`) on how many `pages`. An empty parameter counts as absent; one that is unknown, or given twice, is refused with 422.",
  ],
  [
    "Versions",
    "A row of the operations guide comes with its version as `ETag`. Sent back as `If-None-Match`, it saves reading what is known (304). Sent as `If-Match`, it lets a change or removal happen only if nobody else was faster (412). `PATCH` changes the fields that it has; the others stay.",
  ],
];

const OPENING =
  "The Katlai ERP keeps hotels and spas, the devices in their rooms, what those devices report, and what is charged for it. This is its interface for programs, made from the schemas that check each call.";

/** In Markdown. */
export const INTRODUCTION = [
  OPENING,
  ...SECTIONS.flatMap(([heading, ...paragraphs]) => [`## ${heading}`, ...paragraphs]),
].join("\n\n");
