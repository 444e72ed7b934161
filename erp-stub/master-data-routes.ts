/** Import and export of the master data for programs. */
import { type Clock, isoTime } from "../plumbing/clock.ts";
import { HttpError, json, type Reply, text } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import type { Access, Asked, ErpRoute } from "./access.ts";
import { FieldsError } from "./field-errors.ts";
import { MAX_UPLOAD_BYTES } from "./form-body.ts";
import { PARTS, type Part } from "./master-data.ts";
import { openMasterData } from "./master-data-store.ts";
import type { Operations } from "./operations-store.ts";
import type { By } from "./resource-integrity-store.ts";

const PATH = "/api/master-data";
const CSV = "text/csv; charset=utf-8";

type Deps = { operations: Operations; clock: Clock };

export function masterDataRoutes({ operations, clock }: Deps): ErpRoute[] {
  const masterData = openMasterData(operations);
  const reading: Access = { subject: "master-data", action: "read", by: "key" };
  const writing: Access = { subject: "master-data", action: "write", by: "key" };
  return [
    { method: "GET", path: PATH, access: reading, handle: () => json(masterData.read()) },
    {
      method: "POST",
      path: PATH,
      access: writing,
      handle: async (asked) => {
        const how = { by: importerOf(asked, clock), isTrial: isTrial(asked.request.query) };
        return json(await masterData.importDocument(await asked.request.json(MAX_UPLOAD_BYTES), how));
      },
    },
    ...PARTS.flatMap((part): ErpRoute[] => [
      {
        method: "GET",
        path: `${PATH}/${part.resource}.csv`,
        access: reading,
        handle: () => csvFile(part, masterData.readCsv(part)),
      },
      {
        method: "POST",
        path: `${PATH}/${part.resource}`,
        access: writing,
        handle: async (asked) => {
          const how = { by: importerOf(asked, clock), isTrial: isTrial(asked.request.query) };
          return json(await masterData.importCsv(part, await readCsvBody(asked.request), how));
        },
      },
    ]),
  ];
}

/** Only those import who see all clients. */
export function importerOf({ who }: Asked, clock: Clock): By {
  return { actor: who.name, at: isoTime(clock.now()), client: null };
}

export function csvFile({ resource }: Part, csv: string): Reply {
  return attachment(text(csv, 200, CSV), `${resource}.csv`);
}

export function attachment(reply: Reply, name: string): Reply {
  return { ...reply, headers: { ...reply.headers, "content-disposition": `attachment; filename="${name}"` } };
}

/** @throws {FieldsError} for any other parameter, as a misspelt one would keep what was only to be checked */
function isTrial(query: URLSearchParams): boolean {
  const values = query.getAll("dry_run");
  const unknown = [...query.keys()].find((name) => name !== "dry_run")?.slice(0, 64);
  if (unknown !== undefined) throw new FieldsError({ [unknown]: [`There is no parameter ${unknown}.`] });
  if (values.length === 0) return false;
  if (values.length === 1 && (values[0] === "true" || values[0] === "false")) return values[0] === "true";
  throw new FieldsError({ dry_run: ["The dry_run must be true or false."] });
}

/** @throws {HttpError} 415 */
async function readCsvBody(request: HttpRequest): Promise<string> {
  const [type = ""] = (request.header("content-type") ?? "").split(";");
  if (type.trim().toLowerCase() !== "text/csv") throw new HttpError(415, "Send the table as text/csv.");
  return request.text(MAX_UPLOAD_BYTES);
}
