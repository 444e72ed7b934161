import { globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { expect, test } from "vitest";
import { FORBIDDEN, LAYERS, LIBRARIES, PURE } from "./support/layer-tables.ts";
import { readFacts, type Source } from "./support/source-facts.ts";

const DOMAIN_WORDS = new Set(["aromapod", "device", "erp", "guest", "hotel", "pod", "room", "scent"]);

const ROOT = join(import.meta.dirname, "..");
const sources: Source[] = globSync("**/*.ts", { cwd: ROOT, exclude: ["node_modules/**", ".*/**"] }).map((path) => ({
  path,
  text: readFileSync(join(ROOT, path), "utf8"),
}));

test("every file keeps to its layer", () => {
  expect(sources.flatMap(violations)).toEqual([]);
});

test("the check sees the tree: its files, and imports of every kind", () => {
  const facts = new Map(sources.map((source) => [source.path, readFacts(source)]));
  expect(sources.length).toBeGreaterThan(100);
  expect([...facts.values()].flatMap((fact) => fact?.imports ?? []).length).toBeGreaterThan(500);
  expect(facts.get("plumbing/sqlite.ts")?.imports).toEqual(expect.arrayContaining(["node:path", "better-sqlite3"]));
  expect(facts.get("plumbing/health.ts")?.imports).toContain("plumbing/metrics.ts");
  expect(facts.get("erp-stub/config.ts")?.imports).toContain("erp-stub/contract.ts");
  const named = [...Object.keys(PURE), ...Object.values(LIBRARIES).flat()].filter((path) => !path.includes("*"));
  expect(named.filter((path) => !facts.has(path))).toEqual([]);
  expect(facts.get("plumbing/process-metrics.ts")?.uses).toContain("process.cpuUsage");
});

const anyImport = "imports device-db/store.ts";
test.for<[path: string, text: string, finding: string]>([
  // each way to import
  ["bot/session-store.ts", 'import { open } from "../device-db/store.ts";', anyImport],
  ["bot/session-store.ts", 'import "../device-db/store.ts";', anyImport],
  ["bot/session-store.ts", 'import type { Store } from "../device-db/store.ts";', anyImport],
  ["bot/session-store.ts", 'import { type Store } from "../device-db/store.ts";', anyImport],
  ["bot/session-store.ts", 'export { open } from "../device-db/store.ts";', anyImport],
  ["bot/session-store.ts", 'export * from "../device-db/store.ts";', anyImport],
  ["bot/session-store.ts", 'export type { Store } from "../device-db/store.ts";', anyImport],
  ["bot/session-store.ts", 'const { open } = await import("../device-db/store.ts");', anyImport],
  ["bot/session-store.ts", 'type Store = import("../device-db/store.ts").Store;', anyImport],
  ["bot/session-store.ts", "await import(name);", "imports something computed"],
  ["bot/session-store.ts", "import {", "cannot be parsed"],
  // the layers
  ["plumbing/clock.ts", 'import { SCENTS } from "../device-sim/contract.ts";', "imports device-sim/contract.ts"],
  ["bot/service.ts", 'import { usageSchema } from "../erp-stub/contract.ts";', "imports erp-stub/contract.ts"],
  ["device-sim/pod-store.ts", 'import { Device } from "../device-db/contract.ts";', "imports device-db/contract.ts"],
  ["device-db/service.ts", 'import { startBot } from "../bot/service.ts";', "imports bot/service.ts"],
  ["device-db/service.ts", 'import { startErp } from "../erp-stub/service.ts";', "imports erp-stub/service.ts"],
  ["erp-stub/service.ts", 'import { SCENTS } from "../device-sim/contract.ts";', "imports device-sim/contract.ts"],
  ["erp-stub/contract.ts", 'import { isoTime } from "../plumbing/clock.ts";', "imports plumbing/clock.ts"],
  ["erp-stub/contract.ts", 'import { isIP } from "node:net";', "imports node:net"],
  ["scripts/poc.ts", 'import { openStore } from "../erp-stub/store.ts";', "imports erp-stub/store.ts"],
  [
    "bot/service.ts",
    'import { eventually } from "../test/support/eventually.ts";',
    "imports test/support/eventually.ts",
  ],
  ["bot/service.ts", 'import { key } from "../../elsewhere.ts";', "imports ../elsewhere.ts"],
  ["billing/service.ts", "export const rate = 1;", "belongs to no layer"],
  // one library, one file
  ["device-db/store.ts", 'import Database from "better-sqlite3";', "imports better-sqlite3"],
  ["device-sim/service.ts", 'import mqtt from "mqtt";', "imports mqtt"],
  ["bot/service.ts", 'import type { Server } from "restify";', "imports restify"],
  ["bot/service.ts", 'import helmet from "helmet";', "imports helmet"],
  ["device-db/service.ts", 'import { Aedes } from "aedes";', "imports aedes"],
  ["device-db/settle.ts", 'import { request } from "undici";', "imports undici"],
  ["device-db/service.ts", 'import { ActivityHandler } from "botbuilder";', "imports botbuilder"],
  ["device-db/ingest.ts", 'import { z } from "zod/mini";', "imports zod"],
  ["bot/service.ts", 'import pino from "pino";', "imports pino"],
  ["bot/service.ts", 'import { Gauge } from "prom-client";', "imports prom-client"],
  ["scripts/qr.ts", 'import qrcode from "qrcode";', "imports qrcode"],
  ["bot/link.ts", 'import { SignJWT } from "jose";', "imports jose"],
  ["bot/service.ts", 'import { WebSocketServer } from "ws";', "imports ws"],
  ["bot/service.ts", 'import { Command } from "commander";', "imports commander"],
  ["bot/service.ts", 'import { nobody } from "@nobody/knows/this.js";', "imports @nobody/knows"],
  // files that only decide
  ["device-db/outcome.ts", 'import { readFileSync } from "fs";', "imports node:fs"],
  ["bot/question.ts", 'import { createHash } from "node:crypto";', "imports node:crypto"],
  ["device-sim/pod.ts", 'import { openSqlite } from "../plumbing/sqlite.ts";', "imports plumbing/sqlite.ts"],
  ["device-db/access.ts", 'import { z } from "zod";', "imports zod"],
  ["device-db/retry.ts", "const at = Date.now();", "uses Date.now"],
  ["device-db/retry.ts", "const at = new Date();", "uses new Date"],
  ["device-db/retry.ts", "setTimeout(send, 1_000);", "uses setTimeout"],
  ["erp-stub/switch.ts", "const at = Temporal.Now.instant();", "uses Temporal.Now"],
  ["erp-stub/switch.ts", "const at = performance.now();", "uses performance.now"],
  // the process belongs to the command
  ["bot/service.ts", "const { HOME } = process.env;", "uses process.env"],
  ["bot/service.ts", 'const home = process["env"];', "uses process.env"],
  ["bot/service.ts", "const { env } = process;", "uses process"],
  ["bot/service.ts", "globalThis.process.exit(1);", "uses globalThis.process"],
  ["bot/service.ts", 'import { exit } from "node:process";', "imports node:process"],
  ["device-db/service.ts", "process.exit(1);", "uses process.exit"],
  ["plumbing/log.ts", 'console.error("lost");', "uses console.error"],
  ["erp-stub/service.ts", 'const lib = require("./store.ts");', "uses require"],
  // doubles, and words
  ["test/e2e/poc.test.ts", 'vi.mock("../../bot/service.ts");', "uses vi.mock"],
  ["test/e2e/poc.test.ts", 'vi.spyOn(store, "write");', "uses vi.spyOn"],
  ["plumbing/http.ts", "export const maxPodRequests = 1;", "knows the word maxPodRequests"],
])("the check finds, in %s: %s", ([path, text, finding]) => {
  expect(violations({ path, text })).toEqual([`${path} ${finding}`]);
});

test.for<[path: string, text: string]>([
  [
    "bot/service.ts",
    'import { idSchema } from "../device-sim/contract.ts"; import { listen } from "../plumbing/listen.ts";',
  ],
  ["bot/link.ts", 'import { createHmac } from "node:crypto"; import { decide } from "./question.ts";'],
  [
    "device-db/outcome.ts",
    'import type { Usage } from "../erp-stub/contract.ts"; const at = new Date(0).toISOString();',
  ],
  ["device-db/broker.ts", 'import { Aedes } from "aedes"; import { createServer } from "node:net"; clock.sleep(1);'],
  ["device-db/config.ts", 'import { z } from "zod"; const page = { console: true, process: 1 }; page.console;'],
  [
    "plumbing/metrics.ts",
    'import { Gauge } from "prom-client"; process.cpuUsage(); // console.log, process.env of a pod',
  ],
  ["scripts/start.ts", 'import { startBot } from "../bot/service.ts"; console.log(process.env["HOME"]);'],
  [
    "test/e2e/poc.test.ts",
    'import mqtt from "mqtt"; import { openStore } from "../../bot/store.ts"; vi.useFakeTimers();',
  ],
])("the check lets pass, in %s: %s", ([path, text]) => {
  expect(violations({ path, text })).toEqual([]);
});

test("the style of the house has no domain word", () => {
  const styles = globSync("plumbing/**/*.css", { cwd: ROOT }).map((path) => readFileSync(join(ROOT, path), "utf8"));
  expect(styles.length).toBeGreaterThan(0);
  expect(styles.flatMap((text) => text.match(/[a-z]+/gi) ?? []).filter(hasDomainWord)).toEqual([]);
});

function violations(source: Source): string[] {
  const { path } = source;
  const layer = LAYERS.find(({ files }) => fits(path, [files]));
  if (!layer) return [`${path} belongs to no layer`];
  const facts = readFacts(source);
  if (!facts) return [`${path} cannot be parsed`];
  const forbidden = FORBIDDEN.filter(({ files }) => fits(path, files));
  const wordy = fits(path, ["plumbing/**"]) ? [...facts.names].filter(hasDomainWord) : [];
  return [
    ...facts.imports.filter((target) => !mayImport(path, layer.mayImport, target)).map((to) => `${path} imports ${to}`),
    ...[...facts.uses]
      .filter((use) => forbidden.some((rule) => rule.use.test(use)))
      .map((use) => `${path} uses ${use}`),
    ...wordy.map((name) => `${path} knows the word ${name}`),
  ];
}

function mayImport(path: string, layer: string[], target: string): boolean {
  if (fits(path, ["test/**", "*.ts"])) return true;
  if (target.endsWith(".json")) return fits(target, ["bot/languages/*"]) && path === "bot/catalogs.ts";
  const extra = PURE[path];
  if (extra)
    return extra.includes(target) || (fits(target, layer) && (target in PURE || target.endsWith("/contract.ts")));
  if (target.endsWith(".ts")) return fits(target, layer);
  if (target.startsWith("node:")) return target !== "node:process" && !fits(path, ["*/contract.ts"]);
  return fits(path, LIBRARIES[target] ?? []);
}

function fits(path: string, patterns: string[]): boolean {
  return patterns.some((pattern) => posix.matchesGlob(path, pattern));
}

function hasDomainWord(name: string): boolean {
  return name.split(/(?=[A-Z])|_/).some((word) => DOMAIN_WORDS.has(word.toLowerCase()));
}
