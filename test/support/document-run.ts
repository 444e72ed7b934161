import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Delivery } from "../../device-db/contract.ts";
import type { Secrets } from "../../scripts/secrets.ts";
import { problemsOfCommand } from "./command-check.ts";
import { SERIAL } from "./devices.ts";
import { commandsIn, placeholdersIn } from "./document-commands.ts";
import { eventually } from "./eventually.ts";
import { type FreshCopy, openFreshCopy } from "./fresh-copy.ts";
import { askOperator } from "./kit.ts";

const ROOT = join(import.meta.dirname, "../..");
const DEADLINE_MS = 120_000;
const KIT = "npm start";
const NEEDS_KIT = /aromapod -- (?!start|serve|fleet)/;

type How = {
  /** What is only read here, as what needs something is. */
  notHere?: readonly string[];
  /** The same command with less to do. */
  shorter?: Readonly<Record<string, string>>;
};

/** What a reader of the running kit would put in. */
const FILLINGS: Record<string, (copy: FreshCopy) => Promise<string>> = {
  "<launch url>": async (copy) => {
    const answer = await askOperator(copy.onFreePorts(`http://127.0.0.1:3978/api/launch/${SERIAL}`), secretsIn(copy));
    return ((await answer.json()) as { url: string }).url;
  },
  // The newest of those that somebody has to look at.
  "<delivery id>": (copy) =>
    eventually(async () => {
      const answer = await askOperator(copy.onFreePorts("http://127.0.0.1:3979/api/deliveries"), secretsIn(copy));
      const { data } = (await answer.json()) as { data: Delivery[] };
      const found = data.find(({ state }) => ["dead", "held", "discarded"].includes(state));
      if (!found) throw new Error(`Nothing waits for a person: ${JSON.stringify(data)}`);
      return found.id;
    }),
};

const secretsIn = (copy: FreshCopy) => JSON.parse(copy.read(".data/secrets.json")) as Secrets;

/**
 * In a fresh copy the commands of each document work in their order. The kit of `npm start` is one for all: where a
 * document does not start it, it runs already.
 */
export function tryDocuments(paths: readonly string[], { notHere = [], shorter = {} }: How = {}): void {
  let copy: FreshCopy;
  beforeAll(async () => {
    copy = await openFreshCopy();
  });
  afterAll(() => copy[Symbol.asyncDispose]());

  async function tryOut(line: string): Promise<void> {
    if (notHere.includes(line)) return expect(await problemsOfCommand({ line, needs: undefined })).toEqual([]);
    let command = shorter[line] ?? line;
    if (NEEDS_KIT.test(command) && !copy.runsKit()) await copy.run(KIT, DEADLINE_MS);
    for (const placeholder of placeholdersIn(command)) {
      const fill = FILLINGS[placeholder];
      if (!fill) throw new Error(`Nobody knows what ${placeholder} stands for.`);
      command = command.replaceAll(placeholder, await fill(copy));
    }
    await copy.run(command, DEADLINE_MS);
  }

  for (const path of paths) {
    const commands = commandsIn(readFileSync(join(ROOT, path), "utf8")).filter(({ needs }) => needs === undefined);
    describe(`${path}, in its order`, () => {
      afterAll(() => copy.endOthersThan(KIT));
      test("there are such commands", () => expect(commands).not.toEqual([]));
      test.for(commands)("$line", { timeout: 1.1 * DEADLINE_MS }, ({ line }) => tryOut(line));
    });
  }
}
