/** Import and export of the master data for people. */
import type { Clock } from "../plumbing/clock.ts";
import { type Html, html } from "../plumbing/html.ts";
import { json, page, type Reply } from "../plumbing/http-reply.ts";
import { parseJson } from "../plumbing/json.ts";
import { CHECKED } from "../plumbing/page-parts.ts";
import type { Access, Asked, ErpRoute } from "./access.ts";
import { FieldsError } from "./field-errors.ts";
import { answerForm, type Returned } from "./form-answer.ts";
import type { FrameFor } from "./frame.ts";
import { PARTS, type Part } from "./master-data.ts";
import type { ImportCounts } from "./master-data-contract.ts";
import { attachment, csvFile, importerOf } from "./master-data-routes.ts";
import { type How, type MasterDataStore, openMasterData } from "./master-data-store.ts";
import type { Operations } from "./operations-store.ts";
import { select } from "./page-forms.ts";
import { erpPage, type Frame, tokenField } from "./page-layout.ts";
import { mayDo } from "./permissions.ts";
import { RESOURCES } from "./resources.ts";

const PATH = "/master-data";
/** The choice that is no table. */
const DOCUMENT = "document";

type Deps = { operations: Operations; clock: Clock; frameFor: FrameFor };

export function masterDataPages({ operations, clock, frameFor }: Deps): ErpRoute[] {
  const masterData = openMasterData(operations);
  const reading: Access = { subject: "master-data", action: "read", by: "page" };
  const show = (asked: Asked, { typed, notice }: Returned = {}) =>
    masterDataPage(frameFor(asked, notice), { typed, mayWrite: mayDo(asked.who, "master-data", "write") });

  return [
    { method: "GET", path: PATH, access: reading, handle: (asked) => page(show(asked)) },
    { method: "GET", path: `${PATH}/export.json`, access: reading, handle: () => jsonFile(masterData) },
    ...PARTS.map(
      (part): ErpRoute => ({
        method: "GET",
        path: `${PATH}/${part.resource}.csv`,
        access: reading,
        handle: () => csvFile(part, masterData.readCsv(part, { hasMark: true })),
      }),
    ),
    {
      method: "POST",
      path: PATH,
      access: { ...reading, action: "write" },
      handle: (asked) =>
        answerForm({
          form: asked.form,
          act: async () => {
            const how = { by: importerOf(asked, clock), isTrial: asked.form.has("dry_run") };
            const counts = await importForm(asked.form, { masterData, how });
            return page(show(asked, { notice: { tone: "good", text: told(counts, how) } }));
          },
          show: (returned) => show(asked, returned),
        }),
    },
  ];
}

function jsonFile(masterData: MasterDataStore): Reply {
  const document = masterData.read();
  return attachment({ ...json(document), body: JSON.stringify(document, null, 2) }, "master-data.json");
}

type Into = { masterData: MasterDataStore; how: How };

/** @throws {FieldsError} */
function importForm(form: URLSearchParams, { masterData, how }: Into) {
  const kind = form.get("kind") ?? "";
  const text = [form.get("file"), form.get("text")].find((one) => one !== null && one.trim() !== "") ?? "";
  if (text === "") throw new FieldsError({ file: ["Choose a file, or paste what is to be imported."] });
  const part = PARTS.find(({ resource }) => resource === kind);
  if (part) return masterData.importCsv(part, text, how);
  if (kind !== DOCUMENT) throw new FieldsError({ kind: ["The selected kind is invalid."] });
  const document = parseJson(text.replace(/^\ufeff/, ""));
  if (document === undefined) throw new FieldsError({ body: ["This is no JSON: is it a table?"] });
  return masterData.importDocument(document, how);
}

function told({ added, changed, unchanged }: ImportCounts, { isTrial }: How): string {
  const [toAdd, toChange, same] = [added, changed, unchanged].map((count) => count.toLocaleString("en"));
  return isTrial
    ? `Nothing is wrong with it, and nothing was kept: ${toAdd} to add, ${toChange} to change, ${same} unchanged.`
    : `Imported: ${toAdd} added, ${toChange} changed, ${same} unchanged.`;
}

type Shown = { typed: Returned["typed"]; mayWrite: boolean };

function masterDataPage(frame: Frame, { typed, mayWrite }: Shown): Html {
  return erpPage(frame, {
    title: "Import and export",
    place: PATH,
    lead: "Hotels and devices as files, to look at elsewhere or to take to another ERP.",
    actions: html`<a class="button" href="${PATH}/export.json" download>All as JSON</a>`,
    content: html`${mayWrite && importCard(frame, typed)}${tablesCard()}`,
  });
}

function importCard(frame: Frame, typed: Shown["typed"]): Html {
  const problems = Object.values(typed?.errors ?? {}).flat();
  const kinds = [
    { value: DOCUMENT, label: "Everything, as JSON" },
    ...PARTS.map(({ resource }) => ({ value: resource, label: `${RESOURCES[resource].many}, as CSV` })),
  ];
  const kind = typed?.values.get("kind") ?? DOCUMENT;
  const isInvalid = problems.length > 0 && html` aria-describedby="import-problems"`;
  return html`<form class="card fields" method="post" action="${PATH}" enctype="multipart/form-data" aria-labelledby="import">
<h2 id="import">Import</h2>
${tokenField(frame)}${problems.length > 0 && html`<ul class="problem" id="import-problems">${problems.map((problem) => html`<li>${problem}</li>`)}</ul>`}
<div class="field"><label for="kind">What it is</label>${select(html`id="kind" name="kind"`, { choices: kinds, value: kind, empty: undefined })}</div>
<div class="field"><label for="file">File</label><input id="file" type="file" name="file" accept=".json,.csv,.txt,application/json,text/csv"${isInvalid}></div>
<div class="field"><label for="text">Or paste it <span class="soft">optional</span></label><textarea id="text" name="text" rows="6" spellcheck="false"${isInvalid}>
${typed?.values.get("text") ?? ""}</textarea></div>
<div class="field"><label class="choice"><input type="checkbox" name="dry_run" value="true"${typed?.values.has("dry_run") && CHECKED}> Only check</label>
<p class="hint">What is there already is changed where it differs, the rest is added, and nothing is removed: all of it, or nothing.</p></div>
<p class="buttons"><button class="strong">Import</button></p>
</form>`;
}

function tablesCard(): Html {
  return html`<section class="card sheet" aria-labelledby="tables"><div class="sheet-head"><h2 id="tables">Tables</h2></div>
<table><thead><tr><th scope="col">Table</th><th scope="col">Columns</th></tr></thead>
<tbody>${PARTS.map(tableRow)}</tbody></table></section>`;
}

function tableRow({ resource, columns }: Part): Html {
  const { many } = RESOURCES[resource];
  return html`<tr><th scope="row"><a href="${PATH}/${resource}.csv" download>${many}, CSV</a></th><td data-label="Columns">${columns.map((column, at) => html`${at > 0 && ", "}<code>${column}</code>`)}</td></tr>`;
}
