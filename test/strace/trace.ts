/** One system call of a trace that `strace -f -yy` wrote, with the bytes that it moved as a string of bytes. */
export type Call = {
  name: string;
  /** What the file descriptor stands for: a path, or `TCP:[from->to]`. */
  target: string;
  bytes: string;
  /** The place in the file, of a call that names one. */
  offset: number;
};

type Told = { line: number; text: string };

const UNFINISHED = / <unfinished \.\.\.>$/;
const RESUMED = /^<\.\.\. \w+ resumed>(.*)$/;
const CALL = /^(\w+)\(\d+<(TCP:\[[^\]]*\]|[^>]*)>(.*)\) += \d+$/;
const STRING = /"((?:[^"\\]|\\.)*)"/g;
const OFFSET = /, (\d+)$/;
const SENDS = /^(write|writev|sendto|sendmsg)$/;

/** The calls that succeeded. What sends counts from its beginning, and what keeps from its end. */
export function readTrace(trace: string): Call[] {
  const open = new Map<string, Told>();
  const told = trace.split("\n").flatMap((line, at) => finish(line, at, open));
  return told
    .flatMap(({ text, begin, end }) => {
      const call = parse(text);
      return call ? [{ call, at: SENDS.test(call.name) ? begin : end }] : [];
    })
    .toSorted((a, b) => a.at - b.at)
    .map(({ call }) => call);
}

/** Puts a call together that others came between; `open` holds the beginnings by thread. */
function finish(line: string, at: number, open: Map<string, Told>) {
  const space = line.indexOf(" ");
  const [thread, text] = [line.slice(0, space), line.slice(space).trimStart()];
  if (UNFINISHED.test(text)) {
    open.set(thread, { line: at, text: text.replace(UNFINISHED, "") });
    return [];
  }
  const rest = RESUMED.exec(text)?.[1];
  const beginning = rest === undefined ? undefined : open.get(thread);
  if (beginning) return [{ text: beginning.text + (rest ?? ""), begin: beginning.line, end: at }];
  return [{ text, begin: at, end: at }];
}

function parse(text: string): Call | undefined {
  const [, name = "", target = "", rest = ""] = CALL.exec(text) ?? [];
  if (name === "") return undefined;
  const bytes = [...rest.matchAll(STRING)].map(([, escaped = ""]) => unescape(escaped)).join("");
  return { name, target, bytes, offset: Number(OFFSET.exec(rest)?.[1] ?? 0) };
}

const NAMED: Record<string, string> = { n: "\n", r: "\r", t: "\t", v: "\v", f: "\f" };

function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{1,3}|.)/g, (_all, code: string) =>
    /^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : (NAMED[code] ?? code),
  );
}
