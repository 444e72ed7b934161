/** Usages for programs: read by filters, entered by hand. */
import { type Clock, isoTime } from "../plumbing/clock.ts";
import { HttpError, json } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import type { Access, Asked, ErpRoute } from "./access.ts";
import { type Usage, usageFilterSchema } from "./contract.ts";
import { parseFields } from "./field-errors.ts";
import type { ManualUsage } from "./manual-usage-store.ts";
import { manualUsageChangeSchema, manualUsageSchema } from "./operations-contract.ts";
import type { Operations } from "./operations-store.ts";
import { scopeOf } from "./permissions.ts";
import type { By } from "./resource-integrity-store.ts";
import { etagOf, rowReply, versionIn } from "./resource-routes.ts";
import { readId } from "./row-id.ts";
import { complete } from "./usage-pages.ts";
import type { UsageFilter, UsageStore } from "./usage-store.ts";

const PATH = "/api/device-usages";

type Deps = { usages: UsageStore; operations: Operations; clock: Clock };

const READ: Access = { subject: "device-usages", action: "read", by: "key" };
const WRITE: Access = { subject: "device-usages", action: "write", by: "key" };

export function usageRoutes(deps: Deps): ErpRoute[] {
  return [...readingRoutes(deps), ...writingRoutes(deps)];
}

function readingRoutes({ usages }: Deps): ErpRoute[] {
  return [
    {
      method: "GET",
      path: PATH,
      access: READ,
      handle: ({ request, who }) => {
        const bound = scopeOf(who, "device-usages", "read");
        return json({ data: usages.list({ ...parseUsageFilter(request.query), ...ofClient(bound) }) });
      },
    },
    {
      method: "GET",
      path: `${PATH}/:id`,
      access: READ,
      handle: (asked) => rowReply(asked.request, entryOf(idIn(asked.request), asked, usages)),
    },
  ];
}

function writingRoutes({ usages, operations, clock }: Deps): ErpRoute[] {
  const by = ({ request, who }: Asked): By => ({
    actor: who.name,
    at: isoTime(clock.now()),
    client: scopeOf(who, "device-usages", "write"),
    version: versionIn(request),
  });

  return [
    {
      method: "POST",
      path: PATH,
      access: WRITE,
      handle: async (asked) => {
        const usage = complete(parseFields(manualUsageSchema, await asked.request.json()));
        const id = await operations.usages.add(usage, by(asked));
        const entry = entryOf(id, asked, usages);
        return json(entry, 201, { location: `${PATH}/${String(id)}`, etag: etagOf(entry) });
      },
    },
    {
      method: "PATCH",
      path: `${PATH}/:id`,
      access: WRITE,
      handle: async (asked) => {
        const given = parseFields(manualUsageChangeSchema, await asked.request.json());
        const known = Object.entries(given).filter(([, value]) => value !== undefined);
        const changes = Object.fromEntries(known) as Partial<ManualUsage>;
        const id = await operations.usages.change(idIn(asked.request), changes, by(asked));
        const entry = entryOf(id, asked, usages);
        return json(entry, 200, { etag: etagOf(entry) });
      },
    },
    {
      method: "DELETE",
      path: `${PATH}/:id`,
      access: WRITE,
      handle: async (asked) => {
        await operations.usages.remove(idIn(asked.request), by(asked));
        return { status: 204, headers: { "cache-control": "no-store" }, body: "" };
      },
    },
  ];
}

function entryOf(id: number, { who }: Asked, usages: UsageStore): Usage {
  const [usage] = usages.list({ id, ...ofClient(scopeOf(who, "device-usages", "read")) });
  if (usage) return usage;
  throw new HttpError(404, `There is no device usage with the id ${String(id)}.`);
}

/** Whoever is bound to a client gets that one's, whichever they asked for. */
function ofClient(client: number | null): Pick<UsageFilter, "client"> {
  return client === null ? {} : { client };
}

function idIn({ params }: HttpRequest): number {
  const id = readId(params["id"]);
  if (id !== undefined) return id;
  throw new HttpError(404, "There is no such device usage.");
}

const FILTERS = Object.keys(usageFilterSchema.shape);

/** @throws {HttpError} 422 with one sentence that names every bad or unknown parameter */
function parseUsageFilter(query: URLSearchParams): UsageFilter {
  const unknown = [...new Set(query.keys())].filter((name) => !FILTERS.includes(name));
  const repeated = FILTERS.filter((field) => query.getAll(field).length > 1);
  const parsed = usageFilterSchema.safeParse(Object.fromEntries(query));
  if (parsed.success && unknown.length + repeated.length === 0) return parsed.data;
  const problems = [
    ...unknown.map((name) => `there is no parameter ${name}`),
    ...repeated.map((field) => `${field} must not be given more than once`),
    ...(parsed.error?.issues ?? []).map(({ path, message }) => `${String(path[0])} ${message}`),
  ];
  throw new HttpError(422, `Bad filter: ${problems.join("; ")}.`);
}
