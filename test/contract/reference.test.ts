import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BOT_API } from "../../bot/http-api.ts";
import { DEVICE_DB_API } from "../../device-db/http-api.ts";
import { DEVICE_SIM_API } from "../../device-sim/http-api.ts";
import { type AddressGroup, expandBraces, HEALTH_API } from "../../plumbing/http-api.ts";
import { createProgram } from "../../scripts/cli.ts";
import { type CommandText, describeCommands } from "../../scripts/commands/describe.ts";
import { httpPage, type OpenApi } from "../../scripts/reference/http-page.ts";
import { writtenFiles } from "../../scripts/reference/pages.ts";
import { settingsOf } from "../../scripts/reference/settings-page.ts";
import { SETTING_GROUPS, SETTING_NAMES } from "../../scripts/settings.ts";
import { watchRestify } from "../support/erp-world.ts";
import { openKit } from "../support/kit.ts";

const ROOT = join(import.meta.dirname, "../..");
const keptAt = (path: string) => readFileSync(join(ROOT, path), "utf8");

test.each(Object.entries(writtenFiles()))("%s is what `npm run reference` writes", (path, text) => {
  expect(keptAt(path)).toBe(text);
});

describe("of a running kit", () => {
  let routes: string[][] = [];
  let erp: OpenApi;
  beforeAll(async () => {
    using watch = watchRestify();
    await using kit = await openKit("safe");
    routes = watch.routesOfEach();
    erp = (await (await fetch(`${kit.urls.erp}/openapi.json`)).json()) as OpenApi;
  });

  test("the ERP's part is what that ERP says of itself", () => {
    expect(keptAt("docs/reference/http.md")).toBe(httpPage(erp));
    const { "/device/switch": _, ...paths } = erp.paths;
    expect(httpPage({ ...erp, paths })).not.toBe(httpPage(erp));
  });

  test.each<[string, number, readonly AddressGroup[]]>([
    ["device database", 1, DEVICE_DB_API],
    ["simulated pods", 2, DEVICE_SIM_API],
    ["bot", 3, BOT_API],
  ])("the %s has the addresses that are told, and no other", (_name, at, api) => {
    const told = addressesOf(api);
    const served = routes[at] ?? [];
    expect(served.length).toBeGreaterThan(20);
    expect(told.toSorted()).toEqual(served.toSorted());
    expect(told.slice(1).toSorted()).not.toEqual(served.toSorted());
  });

  afterAll(() => expect(routes).toHaveLength(4));
});

function addressesOf(api: readonly AddressGroup[]): string[] {
  return [...api, HEALTH_API].flatMap(({ addresses }) => Object.keys(addresses).flatMap(expandBraces));
}

test("braces stand for each of several", () => {
  expect(expandBraces("{GET,HEAD} /a/:id/{b,c}")).toEqual([
    "GET /a/:id/b",
    "GET /a/:id/c",
    "HEAD /a/:id/b",
    "HEAD /a/:id/c",
  ]);
});

test("every command, argument and option says what it is", () => {
  const program = createProgram(
    async () => undefined,
    async () => undefined,
  );
  expect(silent(describeCommands(program))).toEqual([]);
  program.command("hum").argument("<tune>").option("--loud");
  expect(silent(describeCommands(program))).toEqual(["hum", "hum <tune>", "hum --loud"]);
});

function silent(commands: readonly CommandText[]): string[] {
  return commands.flatMap(({ words, about, terms, commands: below }) => [
    ...(about === "" ? [words] : []),
    ...terms.filter((term) => term.about === "" && term.choices.length === 0).map(({ term }) => `${words} ${term}`),
    ...silent(below),
  ]);
}

test("every setting is in one group, and says what it is", () => {
  const said = SETTING_GROUPS.flatMap(settingsOf);
  expect(said.map(([name]) => name).toSorted()).toEqual(SETTING_NAMES.toSorted());
  expect(said.filter(([, { description }]) => !/^.+\.$/.test(description ?? "")).map(([name]) => name)).toEqual([]);
});

test("every field that is sent says what it is", () => {
  const rows = keptAt("docs/reference/http.md").match(/^\|.*\|$/gm) ?? [];
  expect(rows.length).toBeGreaterThan(100);
  expect(rows.filter((row) => /\|\s*\|$/.test(row))).toEqual([]);
});
