/** Counted together: what the ERP of a common kit holds, beside what was seen run by run. */
import type { Usage } from "../../erp-stub/contract.ts";
import { counted } from "../words.ts";
import type { Outcome } from "./outcome.ts";

type Books = { held: readonly Pick<Usage, "ref">[]; common: readonly Outcome[]; own: readonly Outcome[] };

/** `held` is all that the ERP of the common kit holds; `own` are runs that had a kit, and so an ERP, of their own. */
export function booksOf({ held, common, own }: Books): { ok: boolean; remarks: string[] } {
  const proved = usagesOf(common.filter(({ ok }) => ok));
  const unproved = usagesOf(common.filter(({ ok }) => !ok));
  const seen = new Set([...proved, ...unproved]);
  const twice = held.length - new Set(held.map(({ ref }) => ref)).size;
  const ok = twice === 0 && held.length === seen.size && seen.size === proved.length + unproved.length;
  const whose = own.length === 0 ? "The ERP" : "The ERP of the common kit";
  const proof = `${String(proved.length)} proved`;
  const of = unproved.length === 0 ? ` for ${proof}` : `: ${proof}, ${String(unproved.length)} of runs that failed`;
  const none = twice === 0 ? "none twice" : `${String(twice)} of them twice`;
  const elsewhere = usagesOf(own).length;
  const more =
    elsewhere === 0
      ? ""
      : ` ${String(elsewhere)} more ${elsewhere === 1 ? "is" : "are"} in the ERPs of kits of their own.`;
  return { ok, remarks: [`${whose} holds ${counted(held.length, "usage")}${of}, ${none}.${more}`] };
}

function usagesOf(outcomes: readonly Outcome[]): number[] {
  return outcomes.flatMap((outcome) => outcome.usages.map(({ id }) => id));
}
