import { expect } from "vitest";
import type { AuditEntry } from "../../erp-stub/audit-store.ts";
import type { ErpAddress } from "./erp-calls.ts";

const PASSWORD = "a password of the tests";

type Who = { role?: "admin" | "manager" | "viewer"; name?: string; client_id?: number | null };

export type Seen = { status: number; text: string; headers: Headers; location: string | null };

export type Colleague = {
  cookie: string;
  get: (path: string) => Promise<Seen>;
  /** Sends a form of the page. */
  send: (path: string, fields?: Record<string, string>) => Promise<Seen>;
};

/** Calls what is for programs. */
export async function callApi(
  erp: ErpAddress,
  path: string,
  init: { method?: string; body?: unknown; key?: string } = {},
) {
  const { method = "GET", body, key = erp.apiKey } = init;
  const response = await fetch(`${erp.url}/api${path}`, {
    method,
    headers: { authorization: `Bearer ${key}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text && (JSON.parse(text) as unknown) };
}

/** Somebody who has been invited to the back office and has signed in, without a browser. */
export async function inviteColleague(erp: ErpAddress, { role = "admin", name = "Ada", client_id = null }: Who = {}) {
  const email = `${crypto.randomUUID()}@office.example`;
  const { body: user } = await callApi(erp, "/users", { method: "POST", body: { name, email, role, client_id } });
  const { body } = await callApi(erp, `/users/${String((user as { id: number }).id)}/invite`, { method: "POST" });
  const joined = await sendForm((body as { url: string }).url, { password: PASSWORD }, {});
  expect(joined.status).toBe(303);
  return atWork(erp, joined.headers.getSetCookie()[0]?.split(";")[0] ?? "");
}

async function atWork(erp: ErpAddress, cookie: string): Promise<Colleague> {
  const get = async (path: string) => seen(await fetch(erp.url + path, { headers: { cookie }, redirect: "manual" }));
  const token = /name="token" value="([^"]+)"/.exec((await get("/account")).text)?.[1] ?? "";
  const send: Colleague["send"] = (path, fields = {}) => sendForm(erp.url + path, { token, ...fields }, { cookie });
  return { cookie, get, send };
}

async function sendForm(url: string, fields: Record<string, string>, headers: Record<string, string>) {
  const body = new URLSearchParams(fields);
  return seen(await fetch(url, { method: "POST", headers, body, redirect: "manual" }));
}

async function seen(response: Response): Promise<Seen> {
  const { status, headers } = response;
  return { status, headers, text: await response.text(), location: headers.get("location") };
}

type Audited = { data: (AuditEntry & { id: number })[]; next: number | null };

/** What the audit log has, newest first. */
export async function auditOf(erp: ErpAddress, search: Record<string, string> = {}): Promise<Audited> {
  const { status, body } = await callApi(erp, `/audit?${new URLSearchParams(search).toString()}`);
  expect(status).toBe(200);
  return body as Audited;
}
