import { type Html, html } from "../plumbing/html.ts";
import { facts } from "../plumbing/page-parts.ts";
import type { Asked } from "./access.ts";
import type { Returned } from "./form-answer.ts";
import { typedOf } from "./form-values.ts";
import type { FrameFor } from "./frame.ts";
import type { Operations } from "./operations-store.ts";
import { fieldsForm, type Options, type Typed, typedInto } from "./page-forms.ts";
import { erpPage } from "./page-layout.ts";
import { removal, shown } from "./page-resources.ts";
import { mayDo, type Principal } from "./permissions.ts";
import { type Row, versionOf } from "./resource-store.ts";
import { RESOURCES, type ResourceName } from "./resources.ts";

type Deps = {
  operations: Operations;
  frameFor: FrameFor;
  /** What is shown beside the form of an entry. */
  beside?: Partial<Record<ResourceName, (asked: Asked, row: Row) => Html>>;
};

/** What a form offers: only what the person may see. */
export function optionsFor({ resources }: Operations, who: Principal): Options {
  return (name) => resources.options(name, who.clientId);
}

/** The pages with a form: for a new entry, and for one that is there. */
export function resourceForms(name: ResourceName, { operations, frameFor, beside = {} }: Deps) {
  const { one, many, fields } = RESOURCES[name];
  const place = `/${name}`;
  const lead = html`<a href="${place}">${many}</a>`;

  return {
    forNew(asked: Asked, { typed, notice }: Returned = {}): Html {
      const frame = frameFor(asked, notice);
      const content = fieldsForm(frame, {
        action: `${place}/new`,
        fields,
        typed: typed ?? { values: asked.request.query, errors: {} },
        options: optionsFor(operations, asked.who),
        button: `Add this ${one}`,
        cancel: place,
      });
      return erpPage(frame, { title: `New ${one}`, place, lead, content });
    },

    forEntry(asked: Asked, row: Row, { typed, notice }: Returned = {}): Html {
      const frame = frameFor(asked, notice);
      if (!mayDo(asked.who, name, "write"))
        return erpPage(frame, { title: titleOf(name, row), place, lead, content: factsOf(name, row) });
      const stored = { values: typedOf(fields, row, String(row["timezone"] ?? "UTC")), errors: {} };
      const action = `${place}/${String(row.id)}`;
      const form = fieldsForm(frame, {
        action,
        fields,
        typed: typedInto(fields, typed) ?? stored,
        options: optionsFor(operations, asked.who),
        button: "Save",
        cancel: place,
        version: seen(typed) ?? versionOf(row),
      });
      const content = html`${form}${beside[name]?.(asked, row)}${removal(frame, { action: `${action}/remove`, one })}`;
      return erpPage(frame, { title: titleOf(name, row), place, lead, content });
    },
  };
}

/** For who may look only. */
function factsOf(name: ResourceName, row: Row): Html {
  const rows = RESOURCES[name].fields.map((field) => [field.label, shown(field, row)] as const);
  return html`<section class="card" aria-label="${RESOURCES[name].one}">${facts(rows)}</section>`;
}

/** Who corrects a field still has in mind what they saw at first. */
export function seen(typed: Typed | undefined): string | undefined {
  const isCorrecting = typed !== undefined && Object.keys(typed.errors).length > 0;
  return isCorrecting ? (typed.values.get("version") ?? undefined) : undefined;
}

/** What people call a row by: its first field. */
function titleOf(name: ResourceName, row: Row): string {
  const { fields, one } = RESOURCES[name];
  const first = (fields[0]?.name ?? "id").replace(/_id$/, "");
  return `${one.charAt(0).toUpperCase()}${one.slice(1)} ${String(row[first] ?? row.id)}`;
}
