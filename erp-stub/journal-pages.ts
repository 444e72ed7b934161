/** The journal of the documented endpoints, for programs and people; an admin may have a call of it made again. */
import { HttpError, json, page, type Reply } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import { parseJson } from "../plumbing/json.ts";
import type { Access, Asked, ErpRoute } from "./access.ts";
import { answerForm } from "./form-answer.ts";
import type { FrameFor } from "./frame.ts";
import type { JournalRow, JournalStore, Outcome } from "./journal-store.ts";
import { parseOlderQuery } from "./older-query.ts";
import { callPage, journalPage, OUTCOME } from "./page-journal.ts";
import type { Principal } from "./permissions.ts";
import { replayOf } from "./replay.ts";
import { readId } from "./row-id.ts";
import type { ExecuteSwitch } from "./switch-routes.ts";

const PLACE = "/journal";
const STANDARD_LIMIT = 50;

type Deps = { journal: Pick<JournalStore, "find" | "list">; frameFor: FrameFor; execute: ExecuteSwitch };

export function journalRoutes(deps: Deps): ErpRoute[] {
  const read: Access = { subject: "journal", action: "read", by: "page" };
  const write: Access = { subject: "journal", action: "write", by: "page" };
  return [
    {
      method: "GET",
      path: "/api/journal",
      access: { subject: "journal", action: "read", by: "key" },
      handle: ({ request }) => {
        const { data, next } = listOf(request.query, deps);
        return json({ data: data.map(withAnswer), next: next ?? null });
      },
    },
    { method: "GET", path: PLACE, access: read, handle: (asked) => showList(asked, deps) },
    {
      method: "GET",
      path: `${PLACE}/:id`,
      access: read,
      handle: (asked) => page(callPage(deps.frameFor(asked), found(asked.request, deps))),
    },
    {
      method: "POST",
      path: `${PLACE}/:id/replay`,
      access: write,
      handle: (asked) => {
        const row = found(asked.request, deps);
        const act = () => replay(row, asked.who, deps);
        return answerForm({ form: asked.form, act, show: ({ notice }) => callPage(deps.frameFor(asked, notice), row) });
      },
    },
  ];
}

function showList(asked: Asked, deps: Deps): Reply {
  const query = new URLSearchParams(asked.request.query);
  query.delete("done");
  return page(journalPage(deps.frameFor(asked), listOf(query, deps)));
}

function listOf(params: URLSearchParams, { journal }: Deps) {
  const { filters, ...query } = parseOlderQuery(params, [OUTCOME], STANDARD_LIMIT);
  const outcome = filters["outcome"] as Outcome | undefined;
  const { q, limit, before } = query;
  const wanted = {
    ...(outcome && { outcome }),
    ...(q !== "" && { q }),
    ...(before !== undefined && { before }),
    limit,
  };
  return { ...journal.list(wanted), outcome, ...query };
}

/** A new call without a key, so that it is carried out in every mode. @throws {HttpError} when it was refused */
async function replay({ request }: JournalRow, who: Principal, { execute }: Deps): Promise<string> {
  const call = replayOf(request);
  if ("reason" in call) throw new HttpError(409, call.reason);
  const remote = `replay by ${who.name}`;
  const { status, body } = await execute({ query: call.query, key: undefined, remote, request });
  if (status === 200) return `${PLACE}?done=replayed`;
  throw new HttpError(status, `Called again, and refused with ${String(status)}: ${reasonIn(String(body))}`);
}

function reasonIn(body: string): string {
  const { error = "", details = {} } = parseJson(body) as { error?: string; details?: Record<string, string[]> };
  return [`${error}.`, ...Object.values(details).flat()].join(" ");
}

function withAnswer({ answer, ...row }: JournalRow) {
  return { ...row, answer: parseJson(answer) ?? null };
}

function found({ params }: HttpRequest, { journal }: Deps): JournalRow {
  const row = journal.find(readId(params["id"]) ?? 0);
  if (row) return row;
  throw new HttpError(404, "There is no such call in the journal.");
}
