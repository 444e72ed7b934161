/** A flow in lines, for those who read it as text. */
import type { SessionView } from "../../device-db/contract.ts";
import { oneLine, table } from "../table.ts";

type FlowLines = { since: string; part: string; what: string; detail: string }[];

/** Each hop in columns: how long after the first one, where, what, and in which words. */
export function flowLines({ hops }: Pick<SessionView, "hops">): FlowLines {
  const start = Date.parse(hops[0]?.at ?? "");
  return hops.map(({ at, part, name, ok, detail }) => ({
    since: `+${String(Math.max(0, Date.parse(at) - start))} ms`,
    part,
    what: oneLine(ok ? name : `${name} (failed)`),
    detail: oneLine(detail),
  }));
}

export function flowText(flow: SessionView): string {
  return table(flowLines(flow).map(({ since, part, what, detail }) => [since.padStart(10), part, what, detail]));
}
