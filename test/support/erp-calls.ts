import { type Usage, usageListSchema } from "../../erp-stub/contract.ts";

/** An ERP to talk to, wherever it runs. */
export type ErpAddress = { url: string; apiKey: string };

/** Calls `GET /device/switch` with a query as it is, or with parameters. */
export async function callSwitch(
  erp: ErpAddress,
  query: string | Record<string, string>,
  headers: Record<string, string> = {},
) {
  const search = typeof query === "string" ? query : new URLSearchParams(query).toString();
  const response = await fetch(`${erp.url}/device/switch?${search}`, { headers });
  return { status: response.status, headers: response.headers, body: (await response.json()) as unknown };
}

/** A call under a reference of its own, by which its usage is found again. */
export async function callWithRef(erp: ErpAddress, query: string | Record<string, string>) {
  const ref = crypto.randomUUID();
  return { ref, ...(await callSwitch(erp, query, { "idempotency-key": ref })) };
}

export async function listUsages(erp: ErpAddress, filter: Record<string, string> = {}): Promise<Usage[]> {
  const { body } = await getUsages(erp, new URLSearchParams(filter).toString());
  return usageListSchema.parse(body).data;
}

export async function getUsages(
  erp: ErpAddress,
  search: string,
  authorization: string | undefined = `Bearer ${erp.apiKey}`,
) {
  const response = await fetch(`${erp.url}/api/device-usages?${search}`, { headers: { authorization } });
  return { status: response.status, headers: response.headers, body: (await response.json()) as unknown };
}
