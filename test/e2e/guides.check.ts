import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { commandsIn } from "../support/document-commands.ts";
import { tryDocuments } from "../support/document-run.ts";

const ROOT = join(import.meta.dirname, "../..");

const withCommands = globSync("docs/**/*.md", { cwd: ROOT })
  .filter((path) => commandsIn(readFileSync(join(ROOT, path), "utf8")).some(({ needs }) => needs === undefined))
  .toSorted();

tryDocuments(withCommands);
