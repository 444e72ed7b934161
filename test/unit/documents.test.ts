import { globSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { anchorsOf, problemsOf, type Tree } from "../support/document-links.ts";

const ROOT = join(import.meta.dirname, "../..");
/** Hosts that a reader may be sent to. */
const HOSTS = ["github.com", "www.w3.org"];

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const files = globSync(["**/*", ".env.example", ".ci/*"], {
  cwd: ROOT,
  exclude: ["node_modules/**", ".git/**", ".data/**"],
}).filter((path) => statSync(join(ROOT, path)).isFile());
const documents = files.filter((path) => path.endsWith(".md"));

const tree: Tree = {
  paths: new Set(files.flatMap((path) => [path, ...foldersOf(path)])),
  documents: new Map(documents.map((path) => [path, read(path)])),
  hosts: HOSTS,
};

function foldersOf(path: string): string[] {
  const folder = dirname(path);
  return folder === "." ? [] : [folder, ...foldersOf(folder)];
}

test("there are such documents", () => {
  expect(documents).toEqual(expect.arrayContaining(["README.md", "docs/guides/your-erp.md", "docs/reference/cli.md"]));
  expect(documents.length).toBeGreaterThan(15);
});

test.each(documents)("%s points to nothing that is not there", (path) => {
  expect(problemsOf(path, tree)).toEqual([]);
});

test("what settings, code and other files name of the documents is there", () => {
  const named = files
    .filter((path) => /\.(ts|json|conf|acl|service|yaml|sh|example)$/.test(path) && !path.startsWith("test/"))
    .flatMap((path) => [...read(path).matchAll(/\bdocs\/[\w./-]*\w/g)].map(([name]) => name));
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !tree.paths.has(name))).toEqual([]);
});

describe("control", () => {
  const paths = new Set(["README.md", "docs", "docs/a.md", "docs/flow.svg", "bot", "bot/pod.ts", "bot/chat.ts"]);
  const readme = "# Kit\n## The `a` of it: *b*, c/d\n## Twice\n## Twice\n";
  const problems = (text: string, path = "docs/a.md") =>
    problemsOf(path, {
      paths,
      documents: new Map([
        ["README.md", readme],
        [path, text],
      ]),
      hosts: ["www.w3.org"],
    });

  test.each([
    "[x](../README.md) [y](../README.md#the-a-of-it-b-cd) [z](../README.md#twice-1) ![p](flow.svg) [bot](../bot/)",
    '# Here\n[x](#here) [y](https://www.w3.org/TR/) <img src="flow.svg" alt="">',
    "`bot/pod.ts`, `bot/{pod,chat}.ts`, `bot/`, `pod.ts`, `a.md`, `card.html`, `console-….ts`, `./x`",
    "```sh\n[x](gone.md)\n```\n`[x](gone.md)`",
  ])("nothing is wrong with %j", (text) => {
    expect(problems(text)).toEqual([]);
  });

  test.each([
    ["[x](gone.md)", "links to gone.md, which is not there"],
    ["[x](../README.md#gone)", "links to ../README.md#gone, which has no such heading"],
    ["[x](../README.md#twice-2)", "links to ../README.md#twice-2, which has no such heading"],
    ["[x](#gone)", "links to #gone, which has no such heading"],
    ["[x](flow.svg#a)", "links to flow.svg#a, which has no such heading"],
    ["![x](gone.png)", "links to gone.png, which is not there"],
    ['<img src="gone.png" alt="">', "links to gone.png, which is not there"],
    ["[`x`](gone.md)", "links to gone.md, which is not there"],
    ["[x](http://www.w3.org/)", "links to http://www.w3.org/, which is not https"],
    ["[x](https://elsewhere.example/)", "links to https://elsewhere.example/, a host that is not listed"],
    ["`bot/gone.ts`", "names bot/gone.ts, which is not there"],
    ["`bot/{pod,gone}.ts`", "names bot/{pod,gone}.ts, which is not there"],
    ["`gone.ts`", "names gone.ts, which is not there"],
  ])("%j is found", (text, problem) => {
    expect(problems(text)).toEqual([problem]);
  });

  test("anchors are GitHub's", () => {
    const headings = "# Run it for real\n## What `npm run poc` does, and why\n## [Link](x.md) & more\n## Ü_b-er\n";
    expect(anchorsOf(headings)).toEqual(["run-it-for-real", "what-npm-run-poc-does-and-why", "link--more", "ü_b-er"]);
    expect(anchorsOf("```\n# no heading\n```\n")).toEqual([]);
  });
});
