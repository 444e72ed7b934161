#!/usr/bin/env node
/** What `npx aromapod` runs. Node 12 can read it too, so that an old Node says that it is too old, and what helps. */
"use strict";
const { existsSync } = require("fs");
const { join, sep } = require("path");
const { pathToFileURL } = require("url");

const WANTED = 26;
const NOT_READY = 3;

function commandThatHelps() {
  // Where the package is installed npx finds the command by its name; elsewhere it has to be told the place.
  const isHere = __dirname.startsWith(join(process.cwd(), "node_modules") + sep);
  const program = isHere ? ["aromapod"] : ["node", __filename];
  return ["npx", "-y", "-p", `node@${WANTED}`, ...program, ...process.argv.slice(2)].map(quoted).join(" ");
}

function quoted(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, "'\\''")}'`;
}

const version = process.versions.node;
if (Number(version.split(".")[0]) < WANTED) {
  process.stderr.write(
    `AromaPod needs Node ${WANTED} or later, and this is ${version}; run it with: ${commandThatHelps()}\n`,
  );
  process.exitCode = NOT_READY;
} else {
  const source = join(__dirname, "aromapod.ts");
  const compiled = join(__dirname, "../dist/scripts/aromapod.js");
  void import(pathToFileURL(existsSync(source) ? source : compiled).href);
}
