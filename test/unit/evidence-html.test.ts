import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { html } from "../../plumbing/html.ts";
import { evidenceHtml } from "../../scripts/evidence/html.ts";
import { totals } from "../../scripts/evidence/verdict.ts";
import type { Evidence } from "../../scripts/scenarios/outcome.ts";
import { evidenceOf, HOSTILE, hostile, mixed, proof, repeated } from "../support/evidence.ts";
import { outcomeOf, requestOf, silentPod, wrongScent } from "../support/evidence-outcomes.ts";

const EVIDENCE: Record<string, () => Evidence> = {
  "one scenario": proof,
  "many scenarios": mixed,
  "many runs": () => repeated(20, [2]),
  "hostile words": hostile,
  nothing: () => evidenceOf([]),
};

/** What a file may not have that is opened without a network and without trust. */
function dangers(markup: string): string[] {
  const withoutStyle = markup.replace(/<style>[^<]*<\/style>/, "");
  const tags = withoutStyle.match(/<[a-z][^>]*>/gi) ?? [];
  const addresses = tags.flatMap((tag) => [...tag.matchAll(/\b(?:src|href|action|data|srcset)="([^"]*)"/gi)]);
  return [
    ...tags.filter((tag) =>
      /^<(script|style|iframe|object|embed|base|form|link(?! rel="icon" href="data:,"))/i.test(tag),
    ),
    ...tags.filter((tag) => /\s(on\w+|style)=/i.test(tag.replaceAll(/"[^"]*"/g, '""'))),
    ...addresses
      .map(([, address = ""]) => address)
      .filter((address) => !/^(#|data:image\/png;base64,|data:,)/.test(address)),
    ...(/@import|url\(|expression\(/.exec(markup.slice(0, markup.indexOf("</style>"))) ?? []),
  ];
}

test.each(Object.entries(EVIDENCE))("it needs nothing from elsewhere, and runs nothing: %s", (_, evidence) => {
  const markup = evidenceHtml(evidence());
  expect(dangers(markup)).toEqual([]);
  const style = /<style>([^<]*)<\/style>/.exec(markup)?.[1] ?? "";
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(markup)?.[1];
  const rules = [
    "default-src 'none'",
    `style-src 'sha256-${hash}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ];
  expect(policy?.replaceAll("&#39;", "'")).toBe(rules.join("; "));
  expect(markup.replaceAll(/[\t\n]/g, "")).not.toMatch(/\p{Cc}/u);
});

test.each([
  "<script>1</script>",
  "<link rel=stylesheet href=x>",
  '<img src="https://elsewhere.example/x.png">',
  '<p style="color: red">',
  "<svg onload=alert(1)>",
  '<a href="javascript:alert(1)">',
  "<style>p { background: url(x) }</style>",
])("the check finds %s", (markup) => {
  expect(
    dangers(
      evidenceHtml(proof())
        .replace("<main>", `<main>${markup}`)
        .replace(/<style>(?=p )/, "<style>"),
    ),
  ).not.toEqual([]);
});

test("words of others stay words wherever they are shown", () => {
  const markup = evidenceHtml(hostile());
  const escaped = html`${HOSTILE}`.markup.slice(0, 60);
  expect(escaped).toContain("&lt;script&gt;");
  // Names, sentences, steps, messages, payloads, requests, rows, remarks and versions.
  expect(markup.split(escaped).length).toBeGreaterThan(300);
  expect(markup).not.toContain(HOSTILE.slice(0, 40));
});

test("a manager reads at the top what came of it", () => {
  const top = (evidence: Evidence) => {
    const markup = evidenceHtml(evidence);
    const figures = [...markup.matchAll(/<dt>([^<]*)<\/dt><dd>(.*?)<\/dd>/g)].slice(0, 6);
    const text = (value: string) => value.replace(/<[^>]*>/g, "");
    return [
      /<h1>([^<]*)<\/h1>/.exec(markup)?.[1],
      ...figures.map(([, name = "", value = ""]) => `${name}: ${text(value)}`),
    ];
  };
  expect(top(proof())).toEqual([
    "“The POC script” passed.",
    "Scenarios passed: 1 of 1",
    "Chats with guests: 1",
    "Usages in the ERP: 1",
    "It took: 178 ms",
    "Played on: 30 November 2026, 10:01:21 UTC",
    "Kit: 0.1.0",
  ]);
  expect(top(mixed()).slice(0, 6)).toEqual([
    "2 of 8 scenarios failed.",
    "Scenarios passed: 6 of 8",
    "Not played: 1",
    "Chats with guests: 9",
    "Usages in the ERP: 7",
    "It took: 35.9 s",
  ]);
  expect(top(repeated(200, [7])).slice(0, 4)).toEqual([
    "1 of 200 runs of “The POC script” failed.",
    "Runs passed: 199 of 200",
    "Chats with guests: 200",
    "Usages in the ERP: 200",
  ]);
});

test("each thing that is known of a run is there", () => {
  const [outcome] = proof().outcomes as [Evidence["outcomes"][number]];
  const text = evidenceHtml(evidenceOf([outcome]))
    .replace(/<wbr>/g, "")
    .replace(/<\/?(b|mark|i)>/g, "");
  const [flow] = outcome.flows as [(typeof outcome.flows)[number]];
  const [usage] = outcome.usages as [(typeof outcome.usages)[number]];
  for (const word of [
    ...outcome.said.map((saying) => saying.text),
    ...outcome.steps.flatMap(({ name, detail = "" }) => [name, detail]),
    ...flow.hops.flatMap(({ at, part, name, detail }) => [at.slice(11, 23), part, name, detail]),
    ...["session", "down/command", "up/reply", "up/event"].map((topic) => `aromapod/v1/${outcome.serial}/${topic}`),
    `GET http://127.0.0.1:35263${requestOf("wood").slice("GET ".length)}`,
    `idempotency-key: ${flow.event?.id ?? ""}`,
    usage.ref ?? "",
    usage.request,
    usage.checkinAt.slice(11, 23),
    ...outcome.deliveries.flatMap(({ id, evidence }) => [id, evidence ?? ""]),
  ])
    expect(text).toContain(html`${word}`.markup);
});

test("every check that failed shows what differs", () => {
  const outcome = silentPod(1);
  const more = { what: "usages", expected: "one usage", seen: "no usage" };
  const steps = [...outcome.steps, { name: "the ERP’s usages", ok: false, ms: 1, differences: [more] }];
  const headings = [
    ...evidenceHtml(evidenceOf([{ ...outcome, steps }])).matchAll(/<th scope="row" data-label="What">([^<]*)/g),
  ];
  expect(headings.map(([, what]) => what)).toEqual(["the session’s command", "the pod’s events", "usages"]);
});

test("a failure shows what differs, where it stands and what did not happen", () => {
  const failed = evidenceHtml(evidenceOf([wrongScent(1)]));
  expect(failed).toContain("scent=<mark>wood</mark>");
  expect(failed).toContain("scent=<mark>fire</mark>");
  expect(failed).toContain("<code>scenarios/poc.yaml:14</code>");
  const silent = evidenceHtml(evidenceOf([silentPod(1)]));
  expect(silent).toContain("<dt>The first hop that did not happen</dt><dd>the pod accepts the command</dd>");
  expect(silent).toContain("Did not happen: the pod accepts the command");
});

test("a picture of the phone is shown once for all the steps after which it was the same", () => {
  const [outcome] = mixed().outcomes as [Evidence["outcomes"][number]];
  const picture = "iVBORw0KGgo=";
  const steps = outcome.steps.map((step) => ({ ...step, screenshot: step.line === 5 ? "AAAA" : picture }));
  const markup = evidenceHtml(evidenceOf([{ ...outcome, steps }]));
  expect([...markup.matchAll(/<img src="data:image\/png;base64,([^"]*)"/g)].map(([, shown]) => shown)).toEqual([
    "AAAA",
    picture,
  ]);
  expect(markup).toContain('alt="The guest’s phone after: the bot asks; the guest says &quot;wood&quot;;');
});

test("each guest's words have the colour of the scent that the guest chose", () => {
  const guests = [...evidenceHtml(mixed()).matchAll(/<div class="phone (\w+)"><h5>(\w+)/g)];
  expect(guests.map(([, scent, name]) => [name, scent])).toEqual([
    ["Ann", "air"],
    ["Bo", "fire"],
  ]);
});

test("failures come first and are open, what passed is closed; one alone is open", () => {
  const markup = evidenceHtml(mixed());
  const articles = [...markup.matchAll(/<article class="[^"]*"( data-failed="")?><details( open)?>/g)];
  expect(articles.map(([, failed, open]) => [failed !== undefined, open !== undefined])).toEqual([
    ...Array<boolean[]>(2).fill([true, true]),
    ...Array<boolean[]>(6).fill([false, false]),
  ]);
  expect(evidenceHtml(proof())).toContain('<article class="scenario"><details open>');
});

test("every line of the contents leads to a place that is there, and no place is there twice", () => {
  for (const evidence of [mixed(), repeated(20, [2]), hostile()]) {
    const markup = evidenceHtml(evidence);
    const ids = [...markup.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(ids.length).toBe(new Set(ids).size);
    const links = [...markup.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id);
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((link) => !ids.includes(link))).toEqual([]);
  }
});

test("of many runs the failures and some others are shown in full, the rest in a line each; it says what is left out", () => {
  const full = (markup: string) => markup.match(/<h4>Each step and check<\/h4>/g)?.length;
  const many = evidenceHtml(repeated(200, [7, 88]));
  expect(full(many)).toBe(5);
  expect(many).toContain("195 runs more that passed like these: a line each.");
  expect(many.match(/<tr><th scope="row" data-label="Run">/g)?.length).toBe(195);
  expect(many.length).toBeLessThan(250_000);

  const failing = evidenceHtml(
    repeated(
      200,
      Array.from({ length: 200 }, (_, at) => at + 1),
    ),
  );
  expect(full(failing)).toBe(10);

  const thousands = evidenceHtml(repeated(1_200));
  expect(thousands).toContain("The last 197 are only there.");
  expect(thousands.length).toBeLessThan(650_000);
});

test("usages are counted once, also where kits of their own number theirs from 1", () => {
  const [one, two] = [
    outcomeOf({ n: 1, scent: "air" }),
    outcomeOf({ n: 1, scent: "fire", at: Date.parse("2026-12-01") }),
  ];
  expect(totals([one, two])).toEqual({ chats: 2, usages: 2 });
  expect(totals([one, one])).toEqual({ chats: 2, usages: 1 });
});
