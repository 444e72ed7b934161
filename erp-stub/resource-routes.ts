/** The entities of the operations guide for programs: `/api/<name>`, each with the same verbs. */
import { type Clock, isoTime } from "../plumbing/clock.ts";
import { HttpError, json, type Reply } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import type { Access, Asked, ErpRoute } from "./access.ts";
import { parseFields } from "./field-errors.ts";
import { parseListQuery } from "./list-query.ts";
import type { Operations } from "./operations-store.ts";
import { scopeOf } from "./permissions.ts";
import type { By } from "./resource-integrity-store.ts";
import { versionOf } from "./resource-store.ts";
import { RESOURCE_NAMES, RESOURCES, type ResourceName } from "./resources.ts";
import { readId } from "./row-id.ts";

const API_LIMIT = 50;

type Deps = { operations: Operations; clock: Clock };

export function resourceRoutes(deps: Deps): ErpRoute[] {
  return RESOURCE_NAMES.flatMap((name) => [...readingRoutes(name, deps), ...writingRoutes(name, deps)]);
}

function readingRoutes(name: ResourceName, { operations }: Deps): ErpRoute[] {
  const path = `/api/${name}`;
  const access: Access = { subject: name, action: "read", by: "key" };
  const { resources } = operations;
  return [
    {
      method: "GET",
      path,
      access,
      handle: ({ request, who }) => {
        const { page, limit, ...query } = parseListQuery(request.query, RESOURCES[name].fields, API_LIMIT);
        const client = scopeOf(who, name, "read");
        const { rows, total } = resources.list(name, { ...query, client, limit, offset: (page - 1) * limit });
        return json({ data: rows, total, page, pages: Math.max(1, Math.ceil(total / limit)) });
      },
    },
    {
      method: "GET",
      path: `${path}/:id`,
      access,
      handle: ({ request, who }) => {
        const id = idIn(request, name);
        const row = resources.find(name, id, scopeOf(who, name, "read"));
        if (!row) throw nothing(name, id);
        return rowReply(request, row);
      },
    },
  ];
}

function writingRoutes(name: ResourceName, { operations, clock }: Deps): ErpRoute[] {
  const path = `/api/${name}`;
  const { schema } = RESOURCES[name];
  const access: Access = { subject: name, action: "write", by: "key" };
  const by = (asked: Asked): By => byOf(asked, { name, at: isoTime(clock.now()) });
  return [
    {
      method: "POST",
      path,
      access,
      handle: async (asked) => {
        const body = parseFields(schema, await asked.request.json());
        const { row, secret } = await operations.add(name, body, by(asked));
        return json({ ...row, ...secret }, 201, { location: `${path}/${String(row.id)}`, etag: etagOf(row) });
      },
    },
    {
      method: "PATCH",
      path: `${path}/:id`,
      access,
      handle: async (asked) => {
        const body = parseFields(schema.partial(), await asked.request.json());
        const row = await operations.change(name, { id: idIn(asked.request, name), body }, by(asked));
        return json(row, 200, { etag: etagOf(row) });
      },
    },
    {
      method: "DELETE",
      path: `${path}/:id`,
      access,
      handle: async (asked) => {
        await operations.remove(name, idIn(asked.request, name), by(asked));
        return { status: 204, headers: { "cache-control": "no-store" }, body: "" };
      },
    },
  ];
}

/** Who writes, and the version that they name in `If-Match`. */
function byOf({ request, who }: Asked, { name, at }: { name: ResourceName; at: string }): By {
  return { actor: who.name, at, client: scopeOf(who, name, "write"), version: versionIn(request) };
}

/** The version that a request is about: that in its `If-Match`. */
export function versionIn(request: HttpRequest): string | undefined {
  const match = request.header("if-match");
  return match === undefined || match === "*" ? undefined : match.replaceAll('"', "");
}

export function rowReply(request: HttpRequest, row: object): Reply {
  const etag = etagOf(row);
  const known =
    request
      .header("if-none-match")
      ?.split(",")
      .map((tag) => tag.trim().replace(/^W\//, "")) ?? [];
  if (known.includes(etag) || known.includes("*")) return { status: 304, headers: { etag }, body: "" };
  return json(row, 200, { etag });
}

export function etagOf(row: object): string {
  return `"${versionOf(row)}"`;
}

/** An id that is none cannot be that of a row. */
export function idIn(request: HttpRequest, name: ResourceName): number {
  const { id = "" } = request.params;
  const read = readId(id);
  if (read === undefined) throw nothing(name, id);
  return read;
}

function nothing(name: ResourceName, id: string | number): HttpError {
  return new HttpError(404, `There is no ${RESOURCES[name].one} with the id ${String(id).slice(0, 64)}.`);
}
