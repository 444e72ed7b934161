import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StartError } from "../plumbing/start-error.ts";
import { endOnSignal } from "./lifetime.ts";

const folders = new Set<string>();
let isWatching = false;

/** A temporary folder for a kit of its own; it is gone afterwards, however this process ends. */
export async function openOwnFolder() {
  if (!isWatching) endOnSignal(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));
  isWatching = true;
  const path = await mkdtemp(join(tmpdir(), "aromapod-kit-")).catch((cause: unknown) => {
    throw new StartError(`Cannot make a temporary folder: ${(cause as Error).message}.`, { cause });
  });
  folders.add(path);
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await rm(path, { recursive: true, force: true });
      folders.delete(path);
    },
  };
}
