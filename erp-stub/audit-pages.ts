/** The audit log, for programs and people. */
import { json, page } from "../plumbing/http-reply.ts";
import { parseJson } from "../plumbing/json.ts";
import type { ErpRoute } from "./access.ts";
import type { AuditStore } from "./audit-store.ts";
import type { FrameFor } from "./frame.ts";
import { parseOlderQuery } from "./older-query.ts";
import { auditPage } from "./page-audit.ts";

const STANDARD_LIMIT = 50;

type Deps = { audit: Pick<AuditStore, "list">; frameFor: FrameFor };

export function auditRoutes({ audit, frameFor }: Deps): ErpRoute[] {
  return [
    {
      method: "GET",
      path: "/api/audit",
      access: { subject: "audit", action: "read", by: "key" },
      handle: ({ request }) => {
        const { data, next } = listOf(request.query, audit);
        return json({ data, next: next ?? null });
      },
    },
    {
      method: "GET",
      path: "/audit",
      access: { subject: "audit", action: "read", by: "page" },
      handle: (asked) => page(auditPage(frameFor(asked), listOf(asked.request.query, audit))),
    },
  ];
}

function listOf(query: URLSearchParams, audit: Deps["audit"]) {
  const { q, before, limit } = parseOlderQuery(query, [], STANDARD_LIMIT);
  const rows = audit.list({ q, ...(before !== undefined && { before }), limit: limit + 1 });
  const data = rows.slice(0, limit).map((row) => ({ ...row, changes: parseJson(row.changes) }));
  return { data, q, before, next: rows.length > limit ? data.at(-1)?.id : undefined };
}
