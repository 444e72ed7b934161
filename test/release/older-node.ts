import { delimiter, join } from "node:path";
import { runProcess } from "../support/process.ts";
import { NETWORK, openPlace } from "./place.ts";

const DEADLINE_MS = 300_000;

/** Runs the installed package on an older Node, and then the command that it names. @throws where either is not right */
export async function askOlderNode(version: string, folder: string): Promise<string> {
  await using place = await openPlace();
  await place.install(`node@${version}`);
  const bin = join(place.path, "node_modules/.bin");
  const env = { ...NETWORK, PATH: [bin, process.env["PATH"] ?? ""].join(delimiter) };
  const run = (cwd: string, program: string, args: readonly string[]) =>
    runProcess(program, args, { cwd, env, deadlineMs: DEADLINE_MS });

  const launcher = join(folder, "node_modules/aromapod/scripts/launcher.cjs");
  const sentence = new RegExp(
    String.raw`^AromaPod needs Node 26 or later, and this is (${version}\.[\d.]+); run it with: (npx [^\n]+)\n$`,
  );
  for (const [cwd, ...command] of [
    [folder, "npx", "aromapod"],
    [place.path, "node", launcher],
  ] as const) {
    const [program, argument] = command;
    const { code, stdout, stderr } = await run(cwd, program, [argument, "poc", "--json"]);
    const [, , helps = ""] = sentence.exec(stderr) ?? [];
    if (code !== 3 || stdout !== "" || helps === "")
      throw new Error(`On Node ${version}, "${command.join(" ")}" ended with ${String(code)}:\n${stdout}${stderr}`);
    const helped = await run(cwd, "sh", ["-c", helps]);
    if (helped.code !== 0 || !helped.stdout.startsWith('{"ok":true,'))
      throw new Error(`"${helps}" ended with ${String(helped.code)}:\n${helped.stdout}${helped.stderr}`);
  }
  const { stdout } = await run(place.path, "node", ["--version"]);
  return `${stdout.trim()} is told what helps, and that does`;
}
