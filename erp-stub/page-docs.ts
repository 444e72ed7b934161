import { type Html, html } from "../plumbing/html.ts";
import { htmlDocument } from "../plumbing/html-document.ts";
import type { Schema } from "../plumbing/schema-fields.ts";
import type { OpenApi } from "./openapi.ts";
import { type Operation, operationDetails } from "./page-docs-operation.ts";
import { anchorOf, exampleText, fieldTable, figure, paragraphs, prose } from "./page-docs-parts.ts";

type Look = { css: string; origin: string };
type Tag = OpenApi["tags"][number];

/** The OpenAPI document for people: what has to be known first, then the operations by what they are about. */
export function docsPage(document: OpenApi, { css, origin }: Look): Html {
  const { info, openapi } = document;
  const title = `${info.title} for programs`;
  const [opening = "", ...sections] = info.description.split("\n\n## ");
  return htmlDocument({
    title,
    assets: { css },
    body: html`<a class="skip" href="#main">Skip to the content</a>
<header class="top"><a class="brand" href="/">Katlai<span> ERP</span></a></header>
<main id="main" class="docs" tabindex="-1">
<div class="head"><div><h1>${title}</h1><p class="lead">${prose(opening)}</p>
<p class="lead soft">Version ${info.version} at <code>${origin}</code> · <a href="/openapi.json">OpenAPI ${openapi} document</a></p></div></div>
${contents(document)}
<div class="stack">
<section class="card" aria-labelledby="first"><h2 id="first">First of all</h2><div class="sections">${sections.map(introSection)}</div></section>
${tagSections(document, origin)}
${refusals(document)}
</div></main>`,
  });
}

function contents({ "x-tagGroups": groups }: OpenApi): Html {
  const link = (name: string, anchor: string) => html`<li><a href="#${anchor}">${name}</a></li>`;
  return html`<nav class="contents" aria-label="Contents"><ul>${link("First of all", "first")}${link("Refusals", "refusals")}</ul>
${groups.map(({ name, tags }) => html`<h2>${name}</h2><ul>${tags.map((tag) => link(tag, anchorOf(tag)))}</ul>`)}</nav>`;
}

function introSection(text: string): Html {
  const [heading = "", ...rest] = text.split("\n\n");
  return html`<section class="prose"><h3>${heading}</h3>${paragraphs(rest.join("\n\n"))}</section>`;
}

function tagSections(document: OpenApi, origin: string): Html[] {
  const shown = new Set<string>();
  return document.tags.map((tag) => {
    const operations = operationsOf(document, tag);
    const schemas = answeredBy(document, operations).filter(([name]) => !shown.has(name));
    for (const [name] of schemas) shown.add(name);
    const anchor = anchorOf(tag.name);
    return html`<section class="card tag" aria-labelledby="${anchor}"><h2 id="${anchor}">${tag.name}</h2><div class="prose">${paragraphs(tag.description)}</div>
<div class="operations">${operations.map(({ operation, ...where }) => operationDetails(operation, { document, origin, ...where }))}
${schemas.map(fieldsDetails)}</div></section>`;
  });
}

type Placed = { method: string; path: string; operation: Operation };

function operationsOf({ paths }: OpenApi, { name }: Tag): Placed[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { tags }]) => tags.includes(name))
      .map(([method, operation]) => ({ method, path, operation })),
  );
}

/** The schemas of what is answered, where it goes well. */
function answeredBy({ components }: OpenApi, operations: readonly Placed[]): [name: string, schema: Schema][] {
  const names = operations.flatMap(({ operation }) =>
    Object.entries(operation.responses)
      .filter(([status, answer]) => status.startsWith("2") && !("$ref" in answer))
      .flatMap(([, answer]) => [...JSON.stringify(answer).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)])
      .map(([, name = ""]) => name),
  );
  const schemas: Record<string, Schema> = components.schemas;
  return [...new Set(names)].flatMap((name): [string, Schema][] => (schemas[name] ? [[name, schemas[name]]] : []));
}

function fieldsDetails([name, schema]: [name: string, schema: Schema]): Html {
  return html`<details class="operation" id="schema-${name}"><summary><h3><span class="method">Fields</span> <code>${name}</code></h3><span class="soft">What is answered</span></summary>
${fieldTable("Fields", schema)}</details>`;
}

/** Those that many operations share. */
function refusals({ components }: OpenApi): Html {
  const shared = Object.values(components.responses).flatMap((answer) =>
    Object.values(answer.content ?? {}).flatMap((media) =>
      Object.values(media.examples ?? {}).map((example) => ({ ...answer, example })),
    ),
  );
  return html`<section class="card tag" aria-labelledby="refusals"><h2 id="refusals">Refusals</h2>
<p>How all but the two endpoints without a key say that something did not work: as <code>application/problem+json</code>.</p>
${fieldTable("Fields", components.schemas.Problem)}
<div class="sections">${shared.map(({ description, example }) => figure(prose(description), exampleText(example)))}</div></section>`;
}
