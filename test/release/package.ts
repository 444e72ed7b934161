/** What `npm pack` says of a package. */
import { runProcess } from "../support/process.ts";

export type Packed = { filename: string; size: number; unpackedSize: number; files: { path: string }[] };

/** @throws where npm does not pack it */
export async function pack(folder: string, options: readonly string[]): Promise<Packed> {
  const { code, stdout, stderr } = await runProcess("npm", ["pack", "--json", ...options], {
    cwd: folder,
    deadlineMs: 120_000,
  });
  if (code !== 0) throw new Error(`"npm pack" ended with ${String(code)}:\n${stderr}`);
  // By name since npm 11, a list before.
  const [packed] = Object.values(JSON.parse(stdout) as Record<string, Packed>);
  if (!packed) throw new Error(`"npm pack" packed nothing:\n${stdout}`);
  return packed;
}
