/** Usages for people: the newest first, each with all that is known of it, and a form for those that nobody reported. */
import { type Clock, isoTime } from "../plumbing/clock.ts";
import { type Html, html } from "../plumbing/html.ts";
import { HttpError, page, type Reply } from "../plumbing/http-reply.ts";
import type { Access, Asked, ErpRoute } from "./access.ts";
import { FieldsError, parseFields } from "./field-errors.ts";
import { answerForm, type Returned } from "./form-answer.ts";
import { bodyOf, typedOf } from "./form-values.ts";
import type { FrameFor } from "./frame.ts";
import { type ManualUsage, NOT_SET_UP } from "./manual-usage-store.ts";
import { manualUsageSchema } from "./operations-contract.ts";
import type { Operations } from "./operations-store.ts";
import { fieldsForm, typedInto } from "./page-forms.ts";
import { erpPage } from "./page-layout.ts";
import { removal } from "./page-resources.ts";
import { usageListPage, usagePage } from "./page-usages.ts";
import { mayDo, scopeOf } from "./permissions.ts";
import { optionsFor, seen } from "./resource-forms.ts";
import type { By } from "./resource-integrity-store.ts";
import { USAGE_FIELDS } from "./resources.ts";
import { readId } from "./row-id.ts";
import type { UsagePageStore, UsageRow } from "./usage-page-store.ts";
import { NO_ROOM, zoneOfUsage } from "./zones.ts";

const PLACE = "/device-usages";
const LIMIT = 50;
const BEFORE = /^(\d{4}-\d{2}-\d{2}T[\d:.]+Z)_(\d{1,15})$/;

type Deps = { usages: UsagePageStore; operations: Operations; clock: Clock; frameFor: FrameFor };

export function usagePages(deps: Deps): ErpRoute[] {
  const access = (action: "read" | "write"): Access => ({ subject: "device-usages", action, by: "page" });
  const read = access("read");
  const write = access("write");
  const onEntry = (path: string, act: (asked: Asked, row: UsageRow) => Promise<string>): ErpRoute => ({
    method: "POST",
    path,
    access: write,
    handle: (asked) => {
      const row = found(asked, deps);
      return answerForm({
        form: asked.form,
        act: () => act(asked, row),
        show: (back) => showOne(asked, found(asked, deps), { ...deps, back }),
      });
    },
  });
  return [
    { method: "GET", path: PLACE, access: read, handle: (asked) => showList(asked, deps) },
    { method: "GET", path: `${PLACE}/new`, access: write, handle: (asked) => page(newPage(asked, deps)) },
    {
      method: "POST",
      path: `${PLACE}/new`,
      access: write,
      handle: (asked) => {
        const act = async () => {
          await deps.operations.usages.add(entered(asked, deps), byOf(asked, deps));
          return `${PLACE}?done=added`;
        };
        return answerForm({ form: asked.form, act, show: (back) => newPage(asked, { ...deps, back }) });
      },
    },
    {
      method: "GET",
      path: `${PLACE}/:id`,
      access: read,
      handle: (asked) => page(showOne(asked, found(asked, deps), deps)),
    },
    onEntry(`${PLACE}/:id`, async (asked, row) => {
      await deps.operations.usages.change(row.id, entered(asked, deps, row), byOf(asked, deps));
      return `${PLACE}?done=changed`;
    }),
    onEntry(`${PLACE}/:id/remove`, async (asked, { id }) => {
      await deps.operations.usages.remove(id, byOf(asked, deps));
      return `${PLACE}?done=removed`;
    }),
  ];
}

function showList(asked: Asked, { usages, operations, frameFor }: Deps): Reply {
  const { query } = asked.request;
  const [, at = "", id = ""] = BEFORE.exec(query.get("before") ?? "") ?? [];
  const given = (["serial", "scent", "source"] as const).flatMap((name) => {
    const value = query.get(name)?.trim();
    return value ? [[name, value] as const] : [];
  });
  const wanted = readId(query.get("client_id")) ?? null;
  const rows = usages.page({
    client: scopeOf(asked.who, "device-usages", "read") ?? wanted,
    filters: Object.fromEntries(given),
    before: at === "" ? undefined : { at, id: Number(id) },
    limit: LIMIT,
  });
  const mayWrite = mayDo(asked.who, "device-usages", "write");
  const options = optionsFor(operations, asked.who);
  return page(usageListPage(frameFor(asked), { rows, query, older: olderThan(rows, query), mayWrite, options }));
}

function olderThan(rows: readonly UsageRow[], query: URLSearchParams): string | undefined {
  const last = rows.at(-1);
  if (!last || rows.length < LIMIT) return undefined;
  const params = new URLSearchParams(query);
  params.delete("done");
  params.set("before", `${last.checkin_at}_${String(last.id)}`);
  return `${PLACE}?${params.toString()}`;
}

type Back = Deps & { back?: Returned };

function newPage(asked: Asked, { operations, frameFor, back }: Back): Html {
  const frame = frameFor(asked, back?.notice);
  const form = fieldsForm(frame, {
    action: `${PLACE}/new`,
    fields: USAGE_FIELDS,
    typed: back?.typed ?? { values: asked.request.query, errors: {} },
    options: optionsFor(operations, asked.who),
    button: "Add this usage",
    cancel: PLACE,
  });
  const lead = html`For what no device has reported; it is marked as manual. <a href="${PLACE}">Device usages</a>`;
  return erpPage(frame, { title: "Enter a usage", place: PLACE, lead, content: form });
}

/** What people entered can be corrected; what a device reported stays as it is. */
function showOne(asked: Asked, row: UsageRow, { usages, operations, frameFor, back }: Back): Html {
  const frame = frameFor(asked, back?.notice);
  const isOurs = row.source === "manual" && mayDo(asked.who, "device-usages", "write");
  return usagePage(frame, {
    row,
    intervals: usages.intervals(row.id),
    form: isOurs && correction(asked, row, { operations, frame, back }),
  });
}

type Correction = { operations: Operations; frame: ReturnType<FrameFor>; back: Returned | undefined };

function correction({ who }: Asked, row: UsageRow, { operations, frame, back }: Correction): Html {
  const { source: _source, ...stored } = operations.usages.find(row.id) ?? { id: row.id, source: "" };
  const action = `${PLACE}/${String(row.id)}`;
  const form = fieldsForm(frame, {
    action,
    fields: USAGE_FIELDS,
    typed: typedInto(USAGE_FIELDS, back?.typed) ?? { values: typedOf(USAGE_FIELDS, stored, row.timezone), errors: {} },
    options: optionsFor(operations, who),
    button: "Save",
    cancel: PLACE,
    version: seen(back?.typed) ?? operations.usages.version(row.id),
  });
  return html`${form}${removal(frame, { action: `${action}/remove`, one: "usage" })}`;
}

function found({ request, who }: Asked, { usages }: Deps): UsageRow {
  const id = readId(request.params["id"]) ?? 0;
  const row = usages.find(id, scopeOf(who, "device-usages", "read"));
  if (row) return row;
  throw new HttpError(404, "There is no such device usage.");
}

function byOf({ who, form }: Asked, { clock }: Deps): By {
  const at = isoTime(clock.now());
  const client = scopeOf(who, "device-usages", "write");
  return { actor: who.name, at, client, version: form.get("version") ?? undefined };
}

/** @param before the usage that the form was filled with, by the clock of its room @throws {FieldsError} */
function entered(asked: Asked, deps: Deps, before?: UsageRow): ManualUsage {
  const { operations } = deps;
  const { at: now, client } = byOf(asked, deps);
  const row = before && operations.usages.find(before.id);
  const shown = row && { row, zone: before.timezone };
  const zone = zoneOfUsage(operations.resources, asked.form, { client, now, shown });
  const { body, errors } = bodyOf(USAGE_FIELDS, asked.form, { zone: zone ?? NO_ROOM, now, row });
  if (Object.keys(errors).length > 0) throw new FieldsError(errors);
  const usage = complete(parseFields(manualUsageSchema, body));
  if (zone === undefined) throw new FieldsError({ device_id: [NOT_SET_UP] });
  return usage;
}

type Given = Omit<ManualUsage, "schedule_id" | "checkout_at"> & {
  schedule_id?: number | null | undefined;
  checkout_at?: string | null | undefined;
};

/** What is not given is none. */
export function complete(usage: Given): ManualUsage {
  return { ...usage, schedule_id: usage.schedule_id ?? null, checkout_at: usage.checkout_at ?? null };
}
