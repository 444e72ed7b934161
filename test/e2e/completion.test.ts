import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type Home, openHome } from "../support/home.ts";
import { runProcess } from "../support/process.ts";

const SCRIPTS = join(import.meta.dirname, "../../scripts");
const PROGRAM = join(SCRIPTS, "aromapod.ts");

type Answer = { values: string[]; directive: string | undefined };

/** What the program answers to each of these lines, all in one process: how it is started takes longer than the answer. */
async function askFor(home: Home, lines: readonly string[]): Promise<Answer[]> {
  const ask = `
    const { main } = await import(${JSON.stringify(pathToFileURL(join(SCRIPTS, "cli.ts")).href)});
    for (const line of ${JSON.stringify(lines)}) {
      await main(["node", "aromapod", "complete", "--", ...line.split(" ")]);
      console.log("=");
    }`;
  const where = { cwd: home.path, env: home.env };
  const { code, stdout, stderr } = await runProcess(process.execPath, ["--input-type=module", "-e", ask], where);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout.split("=\n").slice(0, -1).map(readAnswer);
}

function readAnswer(text: string): Answer {
  const values = text
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t")[0] ?? "");
  return { directive: values.pop(), values };
}

describe("what may follow", () => {
  test("is every command that the help lists", async () => {
    await using home = await openHome();
    const { stdout } = await home.run(["--help"]);
    const listed = [...stdout.matchAll(/^ {2}([a-z-]+) .*/gm)].map(([, name = ""]) => name);
    expect(listed).toEqual(expect.arrayContaining(["start", "poc", "completion"]));
    const [answer] = await askFor(home, [""]);
    expect(answer?.values.toSorted()).toEqual(listed.toSorted());
  });

  test("is what commander knows of the place, and the kit", async () => {
    await using home = await openHome();
    const expected = {
      "devices r": "rotate",
      "serve device": "device-db device-sim",
      "deliveries ls --st": "--state",
      "deliveries ls --state de": "delivered dead",
      "deliveries ls --state=de": "delivered dead",
      "start --erp-mode ": "safe legacy",
      "start --erp-settle ": "key ref count operator",
      "fleet --scenario h": "hotel-day",
      "pod HKAP0100000001 re": "refill remove",
      "pod HKAP0100000001 refill ": "fire wood water air",
      "pod HKAP0100000001 fault late=2s r": "reorder reboot",
      "completion ": "bash zsh fish",
    };
    const answers = await askFor(home, Object.keys(expected));
    const found = answers.map(({ values, directive }) => [values.join(" "), directive]);
    expect(found).toEqual(Object.values(expected).map((values) => [values, ":4"]));
  });

  test("is a file where the kit knows nothing that may stand there", async () => {
    await using home = await openHome();
    expect(await askFor(home, ["erp import ", "qr --out "])).toEqual(Array(2).fill({ values: [], directive: ":0" }));
  });

  test("is a device of the kit that runs, and nobody waits for one that does not answer", async () => {
    await using home = await openHome();
    const asked = async () => (await askFor(home, ["devices rotate ", "poc --serial "])).map(({ values }) => values);
    const kit = await home.startKit();
    // On a busy machine it may not answer in time.
    await eventually(async () => expect(await asked()).toEqual([["HKAP0100000001"], ["HKAP0100000001"]]));
    await kit.stop("SIGTERM");
    let connections = 0;
    await using silent = createServer((socket) => {
      connections++;
      socket.resume();
    });
    await once(silent.listen(Number(home.env["DEVICE_DB_PORT"]), "127.0.0.1"), "listening");
    expect(await asked()).toEqual([[], []]);
    expect(connections).toBeGreaterThan(0);
  });

  test("takes as little time as can be: what the kit runs on is not loaded", async () => {
    await using home = await openHome();
    const spy = join(home.path, "spy.mjs");
    const load = `load(url, context, next) {
      const name = /node_modules\\/(@[^/]+\\/[^/]+|[^/]+)/.exec(url)?.[1];
      if (name) loaded.add(name);
      return next(url, context);
    }`;
    await writeFile(
      spy,
      `import { registerHooks } from "node:module";
      const loaded = new Set();
      registerHooks({ ${load} });
      process.on("exit", () => process.stderr.write([...loaded].sort().join(" ")));`,
    );
    const loadedBy = async (...args: string[]) =>
      (await home.run(args, { NODE_OPTIONS: `--import="${spy}"` })).stderr.split(" ");
    expect(await loadedBy("complete", "--", "pod", "X", "")).toEqual(["@bomb.sh/tab", "commander", "zod"]);
    expect(await loadedBy("--help")).toEqual(["commander", "zod"]);
  });
});

const INSTALLED = new Map<string, boolean>();
for (const program of ["bash", "zsh", "fish", "script"])
  INSTALLED.set(program, (await runProcess("sh", ["-c", `command -v ${program}`], { cwd: "/" })).code === 0);

/** What a person gets at a terminal who types each line, with its Tabs. */
async function typeInto(shell: string, greeting: string, lines: readonly string[]): Promise<string[]> {
  await using home = await openHome();
  const bin = join(home.path, "bin");
  await mkdir(bin);
  await writeFile(join(bin, "aromapod"), `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`, { mode: 0o755 });
  await writeFile(join(home.path, "hotel.json"), "{}");
  // Instead of being run, a line is said.
  const keys = [greeting, ...lines.map((line) => `${line}\\001echo SEEN `), "exit", ""].join("\\n");
  const { stdout } = await runProcess("sh", ["-c", `printf "$1" | script -qec "$2" /dev/null`, "sh", keys, shell], {
    cwd: home.path,
    env: {
      ...home.env,
      PATH: `${bin}:${process.env["PATH"] ?? ""}`,
      HOME: home.path,
      INPUTRC: "/dev/null",
      TERM: "dumb",
    },
  });
  return [...stdout.matchAll(/(?<!echo )SEEN (aromapod [^\r\n]*?) *\r\n/g)].map(([, line = ""]) => line);
}

const TYPED = ["aromapod deliveries ls --state=del\\t", "aromapod dev\\trot\\t", "aromapod erp import hot\\t"];
const COMPLETED = [
  "aromapod deliveries ls --state=delivered",
  "aromapod devices rotate",
  "aromapod erp import hotel.json",
];

test.for([
  ["bash", "bash --norc -i", "source <(aromapod completion bash); source <(aromapod completion bash)"],
  ["zsh", "zsh -f -i", "autoload -U compinit; compinit -u -D; source <(aromapod completion zsh)"],
  ["fish", "fish --no-config -i", "aromapod completion fish | source"],
] as const)("%s completes at the Tab key", async ([name, shell, greeting], { skip }) => {
  skip(!INSTALLED.get(name) || !INSTALLED.get("script"), `${name} or script is not installed`);
  expect(await typeInto(shell, greeting, TYPED)).toEqual(COMPLETED);
  // Without the script it knows no more than the files there.
  expect((await typeInto(shell, ":", TYPED))[0]).not.toBe(COMPLETED[0]);
});
