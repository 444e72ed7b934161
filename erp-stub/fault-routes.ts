import { HttpError, json, type Reply } from "../plumbing/http-reply.ts";
import { parse } from "../plumbing/parse.ts";
import type { Access, ErpRoute } from "./access.ts";
import { newFaultSchema } from "./fault-contract.ts";
import { type Faults, MAX_FAULTS } from "./faults.ts";

const PATH = "/api/faults";
const READ: Access = { subject: "faults", action: "read", by: "key" };
const WRITE: Access = { subject: "faults", action: "write", by: "key" };
const DONE: Reply = { status: 204, headers: { "cache-control": "no-store" }, body: "" };

/** Faults for programs: to see, to order and to take away. */
export function faultRoutes(faults: Faults): ErpRoute[] {
  return [
    { method: "GET", path: PATH, access: READ, handle: () => json({ data: faults.list() }) },
    {
      method: "POST",
      path: PATH,
      access: WRITE,
      handle: async ({ request }) => {
        const fault = faults.add(parse(newFaultSchema, await request.json()));
        if (!fault) throw new HttpError(409, `There are ${String(MAX_FAULTS)} faults already: take one away first.`);
        return json(fault, 201, { location: `${PATH}/${String(fault.id)}` });
      },
    },
    {
      method: "DELETE",
      path: PATH,
      access: WRITE,
      handle: () => {
        faults.clear();
        return DONE;
      },
    },
    {
      method: "DELETE",
      path: `${PATH}/:id`,
      access: WRITE,
      handle: ({ request }) => {
        if (!faults.remove(Number(request.params["id"]))) throw new HttpError(404, "There is no such fault.");
        return DONE;
      },
    },
  ];
}
