/** Customers for the staff, as programs and people see, export and erase them; people also enter and change them. */
import { type Clock, isoTime } from "../plumbing/clock.ts";
import { json, page, type Reply, seeOther } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import type { Access, Asked, ErpRoute } from "./access.ts";
import type { CustomerList, CustomerRow } from "./customer-contract.ts";
import { readCustomerForm } from "./customer-form.ts";
import { type CustomerStore, noSuchCustomer } from "./customer-store.ts";
import { answerForm, type Returned } from "./form-answer.ts";
import type { FrameFor } from "./frame.ts";
import { parseListQuery } from "./list-query.ts";
import { changeCustomerPage, customerListPage, customerPage, newCustomerPage } from "./page-customers.ts";
import { readId } from "./row-id.ts";

const PLACE = "/customers";
const API = "/api/customers";
const STANDARD_LIMIT = 50;

type Deps = { customers: CustomerStore; clock: Clock; frameFor: FrameFor };

export function customerStaffRoutes(deps: Deps): ErpRoute[] {
  return [...programRoutes(deps), ...readingPages(deps), ...addingPages(deps), ...changingPages(deps)];
}

function accessTo(by: "key" | "page"): Record<"read" | "write", Access> {
  const subject = "customers";
  return { read: { subject, action: "read", by }, write: { subject, action: "write", by } };
}

function programRoutes(deps: Deps): ErpRoute[] {
  const { customers } = deps;
  const { read, write } = accessTo("key");
  return [
    {
      method: "GET",
      path: API,
      access: read,
      handle: ({ request }) => {
        const { rows, q: _q, ...counts } = listOf(request.query, deps);
        return json({ data: rows, ...counts } satisfies CustomerList);
      },
    },
    { method: "GET", path: `${API}/:id`, access: read, handle: ({ request }) => json(found(request, deps)) },
    { method: "GET", path: `${API}/:id/export`, access: read, handle: (asked) => exported(asked, deps) },
    {
      method: "DELETE",
      path: `${API}/:id`,
      access: write,
      handle: async (asked) => {
        await customers.erase(idOf(asked.request), byOf(asked, deps));
        return { status: 204, headers: { "cache-control": "no-store" }, body: "" };
      },
    },
  ];
}

function readingPages(deps: Deps): ErpRoute[] {
  const { frameFor } = deps;
  const { read } = accessTo("page");
  return [
    {
      method: "GET",
      path: PLACE,
      access: read,
      handle: (asked) => {
        const query = new URLSearchParams(asked.request.query);
        query.delete("done");
        return page(customerListPage(frameFor(asked), listOf(query, deps)));
      },
    },
    {
      method: "GET",
      path: `${PLACE}/:id`,
      access: read,
      handle: (asked) => page(customerPage(frameFor(asked), found(asked.request, deps))),
    },
    { method: "GET", path: `${PLACE}/:id/export.json`, access: read, handle: (asked) => exported(asked, deps) },
  ];
}

function addingPages(deps: Deps): ErpRoute[] {
  const { customers, clock, frameFor } = deps;
  const access = accessTo("page").write;
  const path = `${PLACE}/new`;
  const show = (asked: Asked, returned: Returned = {}) => newCustomerPage(frameFor(asked, returned.notice), returned);
  const add = async (asked: Asked): Promise<string> => {
    await customers.add(readCustomerForm(asked.form, clock.now()), byOf(asked, deps));
    return `${PLACE}?done=added`;
  };
  return [
    { method: "GET", path, access, handle: (asked) => page(show(asked)) },
    {
      method: "POST",
      path,
      access,
      handle: (asked) => answerForm({ form: asked.form, act: () => add(asked), show: show.bind(undefined, asked) }),
    },
  ];
}

function changingPages(deps: Deps): ErpRoute[] {
  const { customers, clock, frameFor } = deps;
  const access = accessTo("page").write;
  const path = `${PLACE}/:id/edit`;
  const show = (asked: Asked, returned: Returned = {}) =>
    changeCustomerPage(frameFor(asked, returned.notice), found(asked.request, deps), returned);
  const change = async (asked: Asked): Promise<string> => {
    const id = idOf(asked.request);
    const input = readCustomerForm(asked.form, clock.now());
    await customers.change(id, { input, version: asked.form.get("version") ?? "" }, byOf(asked, deps));
    return `${PLACE}/${String(id)}?done=changed`;
  };
  return [
    { method: "GET", path, access, handle: (asked) => page(show(asked)) },
    {
      method: "POST",
      path,
      access,
      handle: (asked) => answerForm({ form: asked.form, act: () => change(asked), show: show.bind(undefined, asked) }),
    },
    {
      method: "POST",
      path: `${PLACE}/:id/erase`,
      access,
      handle: async (asked) => {
        await customers.erase(idOf(asked.request), byOf(asked, deps));
        return seeOther(`${PLACE}?done=erased`);
      },
    },
  ];
}

function listOf(query: URLSearchParams, { customers }: Deps) {
  const { q, limit, page: number } = parseListQuery(query, [], STANDARD_LIMIT);
  const total = customers.count(q);
  const rows = customers.list({ q, limit, offset: (number - 1) * limit });
  return { rows, q, total, page: number, pages: Math.max(1, Math.ceil(total / limit)) };
}

function found(request: HttpRequest, { customers }: Deps): CustomerRow {
  return customers.find(idOf(request)) ?? noSuchCustomer();
}

async function exported(asked: Asked, deps: Deps): Promise<Reply> {
  const row = await deps.customers.export(idOf(asked.request), byOf(asked, deps));
  return json(row, 200, { "content-disposition": `attachment; filename="customer-${String(row.id)}.json"` });
}

function byOf({ who }: Asked, { clock }: Deps) {
  return { actor: who.name, at: isoTime(clock.now()) };
}

/** An id that nobody has is `0`. */
function idOf({ params }: HttpRequest): number {
  return readId(params["id"]) ?? 0;
}
