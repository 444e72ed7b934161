import type { Call } from "./trace.ts";

/** A kind of message that tells somebody of something that must be on disk before. */
export type Kind = {
  name: string;
  /** The store that has to hold it. */
  store: string;
  /** Where it goes; the target of the socket. */
  to: RegExp;
  /** Finds each of them in what is sent; its group is the id. */
  message: RegExp;
  /** What the store's log holds of it. */
  row: (id: string) => RegExp;
  /** The id stands in what came on the same connection before, not in the message itself. */
  request?: RegExp;
};

export type Verdict = { kind: string; messages: number; violations: string[] };

type Page = { bytes: string; offset: number };

/** SQLite's file format §4.1: the head of a frame, whose second number is not 0 if a commit ends with it. */
const FRAME_HEAD_BYTES = 24;
const NO_COMMIT = "\0\0\0\0";

/** Looks for messages that left before a sync had followed the commit that they tell of. */
export function judge(calls: readonly Call[], kinds: readonly Kind[]): Verdict[] {
  const logs = followLogs();
  const asked = new Map<string, string>();
  const verdicts = new Map(kinds.map((kind) => [kind, { kind: kind.name, messages: 0, violations: [] as string[] }]));

  function judgeMessages(call: Call): void {
    for (const [kind, verdict] of verdicts) {
      for (const id of idsOf(kind, call, asked)) {
        verdict.messages += 1;
        const fault = logs.faultOf(kind.store, kind.row(id));
        if (fault) verdict.violations.push(`${id} ${fault}`);
      }
    }
  }

  for (const call of calls) {
    if (call.name === "pwrite64") logs.wrote(call);
    else if (call.name === "fsync" || call.name === "fdatasync") logs.synced(call.target);
    else if (call.target.startsWith("TCP") && call.name.startsWith("re")) asked.set(call.target, call.bytes);
    else if (call.target.startsWith("TCP")) judgeMessages(call);
  }
  return [...verdicts.values()];
}

function idsOf({ to, message, request }: Kind, { target, bytes }: Call, asked: Map<string, string>): string[] {
  if (!to.test(target)) return [];
  const found = [...bytes.matchAll(message)].map(([, id = ""]) => id);
  if (!request || found.length === 0) return found;
  return [request.exec(asked.get(target) ?? "")?.[1] ?? "of no request"];
}

/** What stands in each store's write-ahead log: written, committed, or on disk. */
function followLogs() {
  const logs = new Map<string, { open: Page[]; committed: Page[]; onDisk: Page[]; commits: boolean }>();
  const log = (target: string) =>
    logs.getOrInsertComputed(target, () => ({ open: [], committed: [], onDisk: [], commits: false }));

  function wrote({ target, bytes, offset }: Call): void {
    if (!target.endsWith("-wal")) return;
    const of = log(target);
    if (bytes.length === FRAME_HEAD_BYTES) {
      // What was rolled back is written over.
      of.open = of.open.filter((page) => page.offset < offset);
      of.commits = bytes.slice(4, 8) !== NO_COMMIT;
      return;
    }
    of.open.push({ bytes, offset });
    if (!of.commits) return;
    of.committed.push(...of.open);
    of.open = [];
  }

  function synced(target: string): void {
    const of = log(target);
    of.onDisk.push(...of.committed);
    of.committed = [];
  }

  function faultOf(store: string, row: RegExp): string | undefined {
    const [, of] = [...logs].find(([target]) => target.endsWith(`/${store}.sqlite-wal`)) ?? [];
    const holds = (pages: readonly Page[] = []) => pages.some(({ bytes }) => row.test(bytes));
    if (holds(of?.onDisk)) return undefined;
    return holds(of?.committed) ? "left before the sync" : "left before the commit";
  }

  return { wrote, synced, faultOf };
}
