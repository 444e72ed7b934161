import { execFileSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { problemsOfCommand } from "../support/command-check.ts";
import { commandsIn, inlineCommandsIn, unmarkedIn } from "../support/document-commands.ts";
import { simpleCommands } from "../support/shell-words.ts";

const ROOT = join(import.meta.dirname, "../..");
const documents = globSync("**/*.md", { cwd: ROOT, exclude: ["node_modules/**", ".*/**"] }).map((path) => ({
  path,
  text: readFileSync(join(ROOT, path), "utf8"),
}));
const blocks = documents.flatMap(({ path, text }) => commandsIn(text).map((command) => ({ path, ...command })));
const untried = blocks.filter(({ needs }) => needs !== undefined);
const named = documents.flatMap(({ path, text }) => inlineCommandsIn(text).map((line) => ({ path, line })));

test("there are commands of every kind", () => {
  expect(blocks.length - untried.length).toBeGreaterThan(40);
  expect(untried.length).toBeGreaterThan(20);
  expect(named.length).toBeGreaterThan(40);
});

test.each(untried)("$path, which needs $needs: $line", async ({ line, needs }) => {
  execFileSync("sh", ["-n", "-c", line.replaceAll(/<[a-z -]+>/g, "word")]);
  expect(await problemsOfCommand({ line, needs })).toEqual([]);
});

test("what is named in a sentence exists", async () => {
  for (const { path, line } of named)
    expect([path, line, await problemsOfCommand({ line, needs: undefined }, { isNamed: true })]).toEqual([
      path,
      line,
      [],
    ]);
});

test.each(documents)("no command hides in $path", ({ text }) => {
  expect(unmarkedIn(text)).toEqual([]);
});

describe("control", () => {
  test("commands are the lines of sh blocks, and of no others", () => {
    const markdown = [
      "```sh\nnpm ci\n# why\nnpm start\n```\n`npm run x`\n```\nGET /\n```\n```json\n{}\n```\n",
      "```sh\n# needs: root and nginx\nnginx -t \\\n  -c a.conf\n```\n",
    ].join("\n");
    expect(commandsIn(markdown)).toEqual([
      { line: "npm ci", needs: undefined },
      { line: "npm start", needs: undefined },
      { line: "nginx -t -c a.conf", needs: "root and nginx" },
    ]);
    expect(inlineCommandsIn(markdown)).toEqual(["npm run x"]);
    expect(unmarkedIn(`${markdown}\n\`\`\`\n$ npm run y\n\`\`\`\n`)).toEqual(["$ npm run y"]);
  });

  test("a line is taken apart as a shell does", () => {
    const line = `A=1 B="two words" npm run -s x -- --to 'a b' > out.txt 2>&1 && cat "it\\"s" | sh -c 'x | y'; tar c .`;
    expect(simpleCommands(line)).toEqual([
      { settings: { A: "1", B: "two words" }, words: ["npm", "run", "-s", "x", "--", "--to", "a b"] },
      { settings: {}, words: ["cat", 'it"s'] },
      { settings: {}, words: ["sh", "-c", "x | y"] },
      { settings: {}, words: ["tar", "c", "."] },
    ]);
  });

  test.each([
    "npm run aromapod -- deliveries resend <id> --reason 'it is not there'",
    "ERP_URL=https://erp.example npm start -- --lan",
    "npx aromapod qr --all --out cards.html",
    "npm run aromapod -- --help",
    "sudo nginx -t",
    "sudo -u aromapod /opt/aromapod/docs/deploy/backup.sh from to",
    "npm run check && npm test",
  ])("nothing is wrong with %j", async (line) => {
    expect(await problemsOfCommand({ line, needs: "root, nginx" })).toEqual([]);
  });

  test.each([
    ["npm run aromapod -- fly", /unknown command 'fly'/],
    ["npm run aromapod -- deliveries fly", /unknown command 'fly'/],
    ["npm run aromapod -- qr --fly", /unknown option '--fly'/],
    ["npm run aromapod -- deliveries resend <id>", /required option '--reason <text>' not specified/],
    ["npm run aromapod -- fleet --count many", /must be a whole number/],
    ["npm run aromapod -- serve moon", /Allowed choices are/],
    ["npm run aromapod -- qr --all --rotate", /takes one device/],
    ["npm run aromapod -- start --bot-port x", /BOT_PORT "x" must be/],
    ["ERP_MODE=fast npm start", /ERP_MODE "fast" must be/],
    ["ERP_MODUS=safe npm start", /there is no setting ERP_MODUS/],
    ["npm start --lan", /npm keeps "--lan" for itself/],
    ["npm run fly", /there is no script "fly"/],
    ["npx aromapod fly", /unknown command 'fly'/],
    ["nginx -t | fly", /nobody said that fly is needed/],
    ["systemctl start x", /nobody said that systemctl is needed/],
    ["sudo -u aromapod fly", /nobody said that fly is needed/],
    ["cp docs/gone.md .", /there is no docs\/gone.md/],
    ["/opt/aromapod/docs/gone.sh", /there is no \/opt\/aromapod\/docs\/gone.sh/],
  ])("%j is found out", async (line, problem) => {
    expect((await problemsOfCommand({ line, needs: "root, nginx" })).join()).toMatch(problem);
  });
});
