import type { Usage } from "../erp-stub/contract.ts";
import { reach } from "./reach.ts";

/** The usages that the ERP holds, newest first. @throws when the ERP refuses to tell */
export async function readUsages(erp: { url: string; apiKey: string }, query: string): Promise<Usage[]> {
  const headers = { authorization: `Bearer ${erp.apiKey}` };
  const answer = await reach(`${erp.url}/api/device-usages?${query}`, { headers });
  if (!answer.ok) throw new Error(`The ERP answered ${String(answer.status)} when asked for its usages.`);
  return ((await answer.json()) as { data: Usage[] }).data;
}
