import { Html, html } from "../plumbing/html.ts";
import type { Schema } from "../plumbing/schema-fields.ts";
import type { OpenApi } from "./openapi.ts";
import { type Answer, type Content, type Parameter, type Ref } from "./openapi-parts.ts";
import { exampleText, fieldTable, figure, paragraphs, parameterTable, prose } from "./page-docs-parts.ts";

export type Operation = OpenApi["paths"][string][string];

type Place = { document: OpenApi; method: string; path: string; origin: string };

const OPEN = new Html(" open");

/** What can be asked, and what is answered; open where there is no key, as those are what people come for. */
export function operationDetails(operation: Operation, place: Place): Html {
  const { operationId, summary, description, requestBody, security } = operation;
  const { method, path } = place;
  const body = requestBody && resolveSchema(place.document, requestBody.content);
  return html`<details class="operation" id="${operationId}"${security.length === 0 && OPEN}><summary><h3><span class="method ${method}">${method.toUpperCase()}</span> <code>${path}</code></h3><span class="soft">${summary}</span></summary>
<div class="columns"><div class="stack"><div class="prose">${paragraphs(description)}</div>
${parameterTable(parametersOf(operation, place.document))}
${body?.properties && fieldTable("Body", body)}
${answerTable(operation, place.document)}</div>
<div class="stack">${requestFigures(operation, place)}${exampleFigures(operation)}</div></div></details>`;
}

function parametersOf({ parameters = [] }: Operation, { components }: OpenApi): Parameter[] {
  return parameters.flatMap((one) => {
    const parameter = "$ref" in one ? components.parameters[nameIn(one)] : one;
    return parameter ? [parameter] : [];
  });
}

/** The last part of a reference. */
function nameIn({ $ref }: Ref): string {
  return $ref.slice($ref.lastIndexOf("/") + 1);
}

function resolveSchema({ components }: OpenApi, content: Content): Schema | undefined {
  const [media] = Object.values(content);
  if (media?.schema.$ref === undefined) return media?.schema;
  const schemas: Record<string, Schema> = components.schemas;
  return schemas[nameIn({ $ref: media.schema.$ref })];
}

function answersOf({ responses }: Operation, { components }: OpenApi): [status: string, answer: Answer][] {
  return Object.entries(responses).flatMap(([status, one]): [string, Answer][] => {
    const answer = "$ref" in one ? components.responses[nameIn(one)] : one;
    return answer ? [[status, answer]] : [];
  });
}

function answerTable(operation: Operation, document: OpenApi): Html {
  return html`<table class="spec answers"><caption>Answers</caption><thead><tr><th scope="col">Status</th><th scope="col">Meaning</th></tr></thead>
<tbody>${answersOf(operation, document).map(([status, answer]) => answerRow(status, answer, document))}</tbody></table>`;
}

function answerRow(status: string, { description, headers = {} }: Answer, { components }: OpenApi): Html {
  const named = Object.entries(headers).map(([name, one]) => {
    const header = "$ref" in one ? components.headers[nameIn(one)] : one;
    return html`<li><code>${name}</code> ${prose(header?.description ?? "")}</li>`;
  });
  return html`<tr><th scope="row"><span class="status s${status.charAt(0)}">${status}</span></th><td>${prose(description)}${named.length > 0 && html`<ul>${named}</ul>`}</td></tr>`;
}

function requestFigures(operation: Operation, place: Place): Html[] {
  const documented = operation["x-documented-request"];
  return [
    ...(documented === undefined ? [] : [figure("As Katlai’s documentation has it", documented)]),
    figure("Request", curlOf(operation, place)),
  ];
}

/** What is answered where it goes well, and each refusal that is of this operation alone. */
function exampleFigures({ responses }: Operation): Html[] {
  return Object.entries(responses).flatMap(([status, answer]) => {
    if ("$ref" in answer) return [];
    const examples = Object.values(answer.content ?? {}).flatMap((media) => Object.values(media.examples ?? {}));
    return examples.map((one) =>
      figure(`${status}${one.summary === undefined ? "" : `, ${lower(one.summary)}`}`, exampleText(one)),
    );
  });
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** The call as it can be made in a shell. */
function curlOf(operation: Operation, place: Place): string {
  const { origin, method, path, document } = place;
  const parameters = parametersOf(operation, document).filter(({ example }) => example !== undefined);
  const of = (where: Parameter["in"]) => parameters.filter((one) => one.in === where);
  const filled = of("path").reduce((address, { name, example }) => address.replace(`{${name}}`, String(example)), path);
  const query = of("query").map(({ name, example }) => `${name}=${String(example)}`);
  const address = origin + filled + (query.length > 0 ? `?${query.join("&")}` : "");
  const [[type, media] = []] = Object.entries(operation.requestBody?.content ?? {});
  const [body] = Object.values(media?.examples ?? {});
  return [
    `curl ${method === "get" ? "" : `-X ${method.toUpperCase()} `}"${address}"`,
    ...(operation.security.length > 0 ? ['-H "Authorization: Bearer $ERP_API_KEY"'] : []),
    ...of("header").map(({ name, example }) => `-H '${name}: ${String(example)}'`),
    ...(body ? [`-H "Content-Type: ${String(type)}"`, `-d '${exampleText(body)}'`] : []),
  ].join(" \\\n  ");
}
