/** The entities of the operations guide for people: a list, a form, and errors at the fields. */
import { type Clock, isoTime } from "../plumbing/clock.ts";
import type { Html } from "../plumbing/html.ts";
import { HttpError, page, type Reply } from "../plumbing/http-reply.ts";
import type { Access, Asked, ErpRoute } from "./access.ts";
import { FieldsError, parseFields } from "./field-errors.ts";
import { answerForm } from "./form-answer.ts";
import { bodyOf } from "./form-values.ts";
import type { FrameFor } from "./frame.ts";
import { parseListQuery } from "./list-query.ts";
import type { Operations } from "./operations-store.ts";
import { listPage } from "./page-resources.ts";
import { mayDo, scopeOf } from "./permissions.ts";
import { optionsFor, resourceForms } from "./resource-forms.ts";
import type { By } from "./resource-integrity-store.ts";
import { idIn } from "./resource-routes.ts";
import type { Row } from "./resource-store.ts";
import { RESOURCE_NAMES, RESOURCES, type ResourceName } from "./resources.ts";
import { zoneOfForm } from "./zones.ts";

const PAGE_LIMIT = 50;

type Added = { row: Row; key?: string };

export type ResourcePagesDeps = {
  operations: Operations;
  clock: Clock;
  frameFor: FrameFor;
  /** What is shown instead of the list after something was added. */
  afterAdding?: Partial<Record<ResourceName, (asked: Asked, added: Added) => Promise<Reply>>>;
  /** What is shown beside the form of an entry. */
  beside?: Partial<Record<ResourceName, (asked: Asked, row: Row) => Html>>;
};

export function resourcePages(deps: ResourcePagesDeps): ErpRoute[] {
  return RESOURCE_NAMES.flatMap((name) => [...readingPages(name, deps), ...writingPages(name, deps)]);
}

function readingPages(name: ResourceName, deps: ResourcePagesDeps): ErpRoute[] {
  const access: Access = { subject: name, action: "read", by: "page" };
  const forms = resourceForms(name, deps);
  return [
    { method: "GET", path: `/${name}`, access, handle: (asked) => showList(name, asked, deps) },
    {
      method: "GET",
      path: `/${name}/:id`,
      access,
      handle: (asked) => page(forms.forEntry(asked, found(name, asked, deps))),
    },
  ];
}

function writingPages(name: ResourceName, deps: ResourcePagesDeps): ErpRoute[] {
  const access: Access = { subject: name, action: "write", by: "page" };
  const forms = resourceForms(name, deps);
  const { operations, afterAdding = {} } = deps;
  const place = `/${name}`;
  const onEntry = (path: string, act: (asked: Asked, row: Row) => Promise<string>): ErpRoute => ({
    method: "POST",
    path,
    access,
    handle: (asked) => {
      const row = found(name, asked, deps);
      const show = forms.forEntry.bind(undefined, asked, row);
      return answerForm({ form: asked.form, act: () => act(asked, row), show });
    },
  });

  return [
    { method: "GET", path: `${place}/new`, access, handle: (asked) => page(forms.forNew(asked)) },
    {
      method: "POST",
      path: `${place}/new`,
      access,
      handle: (asked) => {
        const act = async () => {
          const { row, secret } = await operations.add(name, read(name, asked, deps), byOf(name, asked, deps));
          return (await afterAdding[name]?.(asked, { row, ...secret })) ?? `${place}?done=added`;
        };
        return answerForm({ form: asked.form, act, show: (returned) => forms.forNew(asked, returned) });
      },
    },
    onEntry(`${place}/:id`, async (asked, row) => {
      await operations.change(name, { id: row.id, body: read(name, asked, { ...deps, row }) }, byOf(name, asked, deps));
      return `${place}?done=changed`;
    }),
    onEntry(`${place}/:id/remove`, async (asked, { id }) => {
      await operations.remove(name, id, byOf(name, asked, deps));
      return `${place}?done=removed`;
    }),
  ];
}

function showList(name: ResourceName, asked: Asked, { operations, frameFor }: ResourcePagesDeps): Reply {
  const { request, who } = asked;
  const params = new URLSearchParams(request.query);
  params.delete("done");
  const query = parseListQuery(params, RESOURCES[name].fields, PAGE_LIMIT);
  const { page: number, ...wanted } = query;
  const client = scopeOf(who, name, "read");
  const found = operations.resources.list(name, { ...wanted, client, offset: (number - 1) * query.limit });
  const options = optionsFor(operations, who);
  return page(listPage(frameFor(asked), name, { ...found, query, mayWrite: mayDo(who, name, "write"), options }));
}

function found(name: ResourceName, { request, who }: Asked, { operations }: ResourcePagesDeps): Row {
  const row = operations.resources.find(name, idIn(request, name), scopeOf(who, name, "read"));
  if (row) return row;
  throw new HttpError(404, `There is no such ${RESOURCES[name].one}.`);
}

function byOf(name: ResourceName, { who, form }: Asked, { clock }: ResourcePagesDeps): By {
  const at = isoTime(clock.now());
  return { actor: who.name, at, client: scopeOf(who, name, "write"), version: form.get("version") ?? undefined };
}

/** @throws {FieldsError} */
function read(name: ResourceName, { form }: Asked, { operations, clock, row }: ResourcePagesDeps & { row?: Row }) {
  const { fields, schema } = RESOURCES[name];
  const zone = zoneOfForm(operations.resources, form);
  const { body, errors } = bodyOf(fields, form, { zone, now: isoTime(clock.now()), row });
  if (Object.keys(errors).length > 0) throw new FieldsError(errors);
  return parseFields(schema, body);
}
