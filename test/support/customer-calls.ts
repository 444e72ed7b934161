import { expect } from "vitest";
import { customerAnswerSchema } from "../../erp-stub/customer-contract.ts";

type Erp = { url: string };

/** An e-mail that no customer has. */
export const newEmail = () => `guest-${crypto.randomUUID()}@example.com`;

/** Calls `POST /api/customers` with a text as it is, or with a value as JSON. */
export async function postCustomer(erp: Erp, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${erp.url}/api/customers`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as unknown };
}

/** A call that has to succeed. */
export async function setUpCustomer(erp: Erp, body: { email: string; [field: string]: unknown }) {
  const answer = await postCustomer(erp, body);
  expect(answer).toMatchObject({ status: 200 });
  return customerAnswerSchema.strict().parse(answer.body);
}

type StaffedErp = Erp & { apiKey: string };

/** Asks as the staff's program does. */
export async function asStaff(erp: StaffedErp, path: string, method: "GET" | "DELETE" = "GET") {
  const headers = { authorization: `Bearer ${erp.apiKey}` };
  const response = await fetch(`${erp.url}/api/customers${path}`, { method, headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text && (JSON.parse(text) as unknown) };
}
