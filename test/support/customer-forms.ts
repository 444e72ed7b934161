import type { ErpAddress } from "./erp-calls.ts";
import { auditOf, type Colleague, type Seen } from "./erp-office.ts";

/** The documented customer, as somebody types it. */
export const FORM = {
  name: "John Doe",
  email: "johndoe@example.com",
  phone: "1234567890",
  gender: "m",
  age: "30",
  birthdate: "1994-05-15",
  preferences: '{"language": "en", "newsletter": true}',
};

/** What the audit log has of customers, oldest first. */
export async function customerAuditOf(erp: ErpAddress) {
  const { data } = await auditOf(erp, { q: "customers" });
  return data.map(({ actor, action, rowId, changes }) => [actor, action, rowId, changes]).toReversed();
}

/** Sends the form of a customer as the page has it now. */
export async function changeCustomer(ada: Colleague, id: number, fields: Record<string, string>): Promise<Seen> {
  const path = `/customers/${String(id)}/edit`;
  return ada.send(path, { ...FORM, version: versionIn(await ada.get(path)), ...fields });
}

export function versionIn({ text }: Seen): string {
  return /name="version" value="([^"]+)"/.exec(text)?.[1] ?? "";
}

/** What is wrong, by field. */
export function problemsIn({ text }: Seen): Record<string, string> {
  const found = text.matchAll(/<p class="problem" id="(\w+)-error">([^<]*)<\/p>/g);
  return Object.fromEntries([...found].map(([, field, problem]) => [field, problem]));
}
