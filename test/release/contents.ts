/** What the package may hold, and what has to be there. */
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";

const MAY_BE_THERE = [
  /^(package\.json|README\.md|\.env\.example|scripts\/launcher\.cjs)$/,
  /^dist\/(bot|device-db|device-sim|erp-stub|plumbing|scripts)\/([\w-]+\/)*[\w-]+\.(js|json|css|bash)$/,
  /^dist\/(docs|scenarios)\/([\w-]+\/)*[\w.-]+\.(json|yaml)$/,
  /^docs\//,
];
const MUST_BE_THERE = ["package.json", "README.md", ".env.example", "scripts/launcher.cjs", "dist/scripts/aromapod.js"];
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
/** What a compiled file reads beside itself, if it says so in one piece. */
const BESIDE = /new URL\("([^":]+)", import\.meta\.url\)/g;

/** A sentence for each file of an unpacked package that should not be there, and for each that is missed. */
export function contentProblems(folder: string, files: readonly string[]): string[] {
  const strange = files.filter((file) => !MAY_BE_THERE.some((pattern) => pattern.test(file)));
  const missed = MUST_BE_THERE.filter((file) => !files.includes(file));
  const texts = files.map((file) => ({ file, text: readFileSync(join(folder, file), "utf8") }));
  const secret = texts.filter(({ text }) => PRIVATE_KEY.test(text));
  return [
    ...strange.map((file) => `${file} does not belong into the package.`),
    ...missed.map((file) => `${file} is missed.`),
    ...secret.map(({ file }) => `${file} holds a private key.`),
    ...texts.flatMap(({ file, text }) =>
      besideOf(file, text)
        .filter((path) => !files.some((there) => there === path || (path.endsWith("/") && there.startsWith(path))))
        .map((path) => `${file} needs ${path}, which is missed.`),
    ),
  ];
}

/** What a compiled file reads beside itself; what it writes there is below the packages. */
function besideOf(file: string, text: string): string[] {
  if (!file.endsWith(".js")) return [];
  const paths = [...text.matchAll(BESIDE)].map(([, name = ""]) => posix.join(posix.dirname(file), name));
  return paths.filter((path) => !path.includes("node_modules"));
}
