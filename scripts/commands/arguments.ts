/** What people may write on the command line. */
import { extname } from "node:path";
import { InvalidArgumentError } from "commander";
import { SERIAL } from "../../device-sim/contract.ts";

const MAX_REPEAT = 100_000;

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= MAX_REPEAT) return value;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${String(MAX_REPEAT)}.`);
}

const MAX_SEED = 2 ** 32 - 1;

export function seedNumber(text: string): number {
  if (/^\d{1,10}$/.test(text) && Number(text) <= MAX_SEED) return Number(text);
  throw new InvalidArgumentError(`It must be a whole number from 0 to ${String(MAX_SEED)}.`);
}

export function serialNumber(text: string): string {
  if (new RegExp(`^${SERIAL}$`).test(text)) return text;
  throw new InvalidArgumentError("It must be 1 to 32 letters, digits or hyphens.");
}

export function webAddress(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? "")) return text;
  throw new InvalidArgumentError("It must be a URL such as http://127.0.0.1:3978/r/…");
}

export function origin(text: string): string {
  const { pathname, search, origin: found } = new URL(webAddress(text));
  if (pathname === "/" && search === "") return found;
  throw new InvalidArgumentError("It must be an origin such as http://127.0.0.1:8000.");
}

export function cardFile(text: string): string {
  if ([".svg", ".png", ".html"].includes(extname(text).toLowerCase())) return text;
  throw new InvalidArgumentError("It must end in .svg, .png or .html.");
}

export function transcriptFile(text: string): string {
  if (extname(text).toLowerCase() === ".transcript") return text;
  throw new InvalidArgumentError("It must end in .transcript.");
}

export function scenarioFile(text: string): string {
  if ([".yaml", ".yml"].includes(extname(text).toLowerCase())) return text;
  throw new InvalidArgumentError("It must end in .yaml.");
}

export function languageTags(text: string): string[] {
  const tags = text.split(",").map((tag) => tag.trim());
  if (tags.every((tag) => tag !== "")) return tags;
  throw new InvalidArgumentError("It must be languages such as en,zh-Hant.");
}

const REPORTS = ["html", "junit", "json"] as const;
export type ReportFile = { kind: (typeof REPORTS)[number]; file: string };

/** What stands behind `--report`; commander takes names of scenarios behind it for more of the same. */
export type AfterReport = { reports: ReportFile[]; names: string[] };

/** Of `--report html=a.html junit=b.xml`, one after the other; the last of a kind counts. */
export function afterReport(text: string, { reports, names }: AfterReport = { reports: [], names: [] }): AfterReport {
  const [, kind, file = ""] = /^(\w+)=(.*)$/.exec(text) ?? [];
  if (kind === undefined) return { reports, names: [...names, text] };
  const known = REPORTS.find((each) => each === kind);
  if (known && file !== "")
    return { reports: [...reports.filter((each) => each.kind !== known), { kind: known, file }], names };
  throw new InvalidArgumentError("It must be html=<file>, junit=<file> or json=<file>.");
}
