import { watch } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** Editors write a file in several steps. */
const SETTLED_MS = 100;

/** Resolves when one of the files has changed. */
export async function untilChanged(files: readonly string[]): Promise<void> {
  const ended = new AbortController();
  const names = Map.groupBy(files, dirname);
  await Promise.race(
    [...names].map(([folder, own]) =>
      changeIn(
        folder,
        own.map((file) => basename(file)),
        ended.signal,
      ),
    ),
  );
  ended.abort();
  await delay(SETTLED_MS);
}

async function changeIn(folder: string, names: readonly string[], signal: AbortSignal): Promise<void> {
  try {
    for await (const { filename } of watch(folder, { signal }))
      if (filename !== null && names.includes(filename)) return;
  } catch (error) {
    if ((error as Error).name !== "AbortError") throw error;
  }
}
