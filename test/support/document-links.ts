/** What documents point to, and what of it is not there. */
import { posix } from "node:path";
import { expandBraces } from "../../plumbing/http-api.ts";
import { slug } from "../../scripts/reference/markdown.ts";

/** The tree as documents may name it: each file and folder by its path from the root, and the text of each document. */
export type Tree = { paths: ReadonlySet<string>; documents: ReadonlyMap<string, string>; hosts: readonly string[] };

const FENCE = /^(`{3,})[^\n]*\n[^]*?^\1`*$/gm;
const CODE = /(`+)([^`]|[^`][^]*?[^`])\1(?!`)/g;
const LINK = /!?\[[^\]]*\]\(([^)\s]+)\)/g;
const TAG = /<(?:img|a|source)\b[^>]*?\b(?:src|href)="([^"]+)"/g;
const HEADING = /^#{1,6} +(.+)$/gm;

const FOLDERS = /^(\.ci|bot|device-db|device-sim|docs|erp-stub|plumbing|scenarios|scripts|test)\/[\w./{},-]*$/;
const FILE = /^[\w.-]+\.(ts|md)$/;

/** All that is wrong with the links of a document, and with the files that it names. */
export function problemsOf(path: string, tree: Tree): string[] {
  const text = tree.documents.get(path) ?? "";
  const prose = text.replace(FENCE, "");
  const links = [...prose.replace(CODE, "").matchAll(LINK), ...prose.matchAll(TAG)].map(([, target = ""]) => target);
  const named = [...prose.matchAll(CODE)].map(([, , words = ""]) => words.trim());
  return [
    ...links.flatMap((target) => problemOfLink(path, target, tree)),
    ...named.filter((words) => isMissing(words, tree)).map((words) => `names ${words}, which is not there`),
  ];
}

/** The anchors of a document, as GitHub makes them of its headings. */
export function anchorsOf(text: string): string[] {
  const seen = new Map<string, number>();
  return [...text.replace(FENCE, "").matchAll(HEADING)].map(([, heading = ""]) => {
    const anchor = slug(heading.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1"));
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${String(before)}`;
  });
}

function problemOfLink(from: string, target: string, { paths, documents, hosts }: Tree): string[] {
  const wrong = `links to ${target}`;
  if (/^[a-z]+:/i.test(target)) {
    const url = URL.parse(target);
    if (url?.protocol !== "https:") return [`${wrong}, which is not https`];
    return hosts.includes(url.host) ? [] : [`${wrong}, a host that is not listed`];
  }
  const [file = "", anchor] = target.split("#");
  const to = file === "" ? from : posix.normalize(posix.join(posix.dirname(from), file));
  if (!paths.has(to.replace(/\/$/, ""))) return [`${wrong}, which is not there`];
  if (anchor === undefined) return [];
  const text = documents.get(to);
  return text !== undefined && anchorsOf(text).includes(anchor) ? [] : [`${wrong}, which has no such heading`];
}

/** Whether words in code are a path of this tree, or the name of a file of ours, that does not exist. */
function isMissing(words: string, { paths }: Tree): boolean {
  if (!FOLDERS.test(words) && !FILE.test(words)) return false;
  return expandBraces(words).some((name) => {
    const wanted = name.replace(/\/$/, "");
    return !paths.has(wanted) && ![...paths].some((path) => path.endsWith(`/${wanted}`));
  });
}
