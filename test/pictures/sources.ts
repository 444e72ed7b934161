/**
 * What each picture of README is made of, so that one that has become old is noticed without a browser: the files that
 * write the page's markup, style and words, and the one here that takes the picture. What fills a page with data does not
 * count, nor a script that moves what stands there: their changes are many, and few of them are seen.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../plumbing/assets.ts";

const ROOT = join(import.meta.dirname, "../..");
export const DOCS = join(ROOT, "docs");
const RECORD = join(import.meta.dirname, "taken.json");

const HOUSE = ["plumbing/assets/*.css", "plumbing/html-document.ts", "plumbing/page-parts.ts"];
const GUEST = ["bot/guest-{layout,note,page,signs}.ts", "bot/assets/guest.css", "bot/languages/en.json"];
const CARD = ["bot/{guest-signs,room-card}.ts", "bot/assets/card.css", "bot/languages/{en,ja,zh-Hant}.json"];
const CONSOLE = [...HOUSE, "device-db/console-{layout,parts}.ts", "device-db/assets/*.css"];
const FLOW = [...CONSOLE, "device-db/console-{flow,hops}.ts"];
const POD = [...HOUSE, "device-sim/{page-layout,pod-drawing,pod-forms,pod-page,pod-signs,pod-words}.ts"];
const PLUME = "device-sim/assets/*.css";
const OFFICE = [...HOUSE, "erp-stub/page-{laid-out,layout}.ts", "erp-stub/assets/{erp,erp-records}.css"];
const USAGES = [...OFFICE, "erp-stub/page-{pager,usages}.ts"];
const REPORT = [...HOUSE, "scripts/evidence/{html,parts,run,top,verdict}.ts", "scripts/evidence/assets/evidence.css"];

const by = (name: string) => `test/pictures/${name}.ts`;

/** By their names in docs/. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  "flow.gif": [...GUEST, ...FLOW, ...POD, PLUME, ...USAGES, "test/pictures/flow-*.ts", by("gif")],
  "guest-question.png": [...GUEST, by("guest-pages")],
  "guest-answered.png": [...GUEST, by("guest-pages")],
  "room-card.png": [...CARD, by("guest-pages")],
  "pod.png": [...POD, PLUME, by("pod-page")],
  "console.png": [...FLOW, by("console-pages")],
  "console-session.png": [...FLOW, by("console-pages")],
  "console-devices.png": [...CONSOLE, "device-db/console-devices.ts", by("console-pages")],
  "console-delivery.png": [...CONSOLE, "device-db/console-delivery.ts", by("console-pages")],
  "erp.png": [
    ...OFFICE,
    "erp-stub/{chart,page-reports,report-tables}.ts",
    "erp-stub/assets/erp-chart.css",
    by("office-pages"),
  ],
  "erp-today.png": [...OFFICE, "erp-stub/page-dashboard.ts", by("office-pages")],
  "erp-usages.png": [...USAGES, by("office-pages")],
  "erp-docs.png": [
    ...OFFICE,
    "erp-stub/{page-docs*,openapi-seed}.ts",
    "erp-stub/assets/erp-docs.css",
    by("office-pages"),
  ],
  "evidence.png": [...REPORT, "scenarios/poc.yaml", by("evidence-pages")],
  "poc.png": ["scripts/{evidence/terminal,poc-output}.ts", "scenarios/poc.yaml", by("evidence-pages")],
};

export const PICTURES = Object.keys(SOURCES);

/** The files that a picture is made of. */
export function filesOf(name: string): string[] {
  const files = (SOURCES[name] ?? []).flatMap((pattern) => globSync(pattern, { cwd: ROOT }));
  return [...new Set(files)].sort();
}

/** Says what has to be changed when a page moves to another file. */
export function emptyPatterns(): string[] {
  const patterns = new Set(Object.values(SOURCES).flat());
  return [...patterns].filter((pattern) => globSync(pattern, { cwd: ROOT }).length === 0);
}

/** The same as long as none of its files is changed, renamed, added or taken away. */
export function hashOf(name: string, read = (file: string) => readFileSync(join(ROOT, file), "utf8")): string {
  const files = filesOf(name).map((file) => `${file}\n${read(file)}`);
  return sha256(files.join("\n")).toString("hex").slice(0, 16);
}

/** The pictures that are not there, or were taken of what has been changed since. */
export function oldPictures(): string[] {
  const recorded = existsSync(RECORD) ? (JSON.parse(readFileSync(RECORD, "utf8")) as Record<string, string>) : {};
  return PICTURES.filter((name) => !existsSync(join(DOCS, name)) || recorded[name] !== hashOf(name));
}

/** Keeps of which state of their files the pictures were taken. */
export function recordPictures(): void {
  const record = Object.fromEntries(PICTURES.map((name) => [name, hashOf(name)]));
  writeFileSync(RECORD, `${JSON.stringify(record, null, 2)}\n`);
}
