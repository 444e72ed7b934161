import { existsSync, rmSync, statSync } from "node:fs";
import { mkdtemp, statfs, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { lazily } from "../../plumbing/lazily.ts";
import type { Durability } from "../../plumbing/sqlite-probe.ts";
import { endOnSignal } from "../lifetime.ts";

export type FolderLook = {
  /** The data folder, whether it is there or not. */
  path: string;
  exists: boolean;
  /** The folder itself, or the nearest one above it. */
  ground: string;
  /** The permission bits of the folder itself, where the system has such. */
  mode: number | undefined;
  /** Why nothing can be written there. */
  trouble: NodeJS.ErrnoException | undefined;
  freeBytes: number | undefined;
  /** What SQLite keeps to there, or why that is not known. */
  durability: Durability | string;
};

/** Loaded when it is needed: a library that does not load is something to report. */
export const sqliteProbe = lazily(() => import("../../plumbing/sqlite-probe.ts"));

/** Looks at a data folder by writing into it, or beside it while there is none, and clears that away. */
export async function lookAtFolder(dataDir: string): Promise<FolderLook> {
  const path = resolve(dataDir);
  const exists = existsSync(path);
  const ground = nearestThere(path);
  const { blocks, bavail, bsize } = await statfs(ground);
  return {
    path,
    exists,
    ground,
    mode: exists && process.platform !== "win32" ? statSync(path).mode & 0o777 : undefined,
    freeBytes: blocks === 0 ? undefined : bavail * bsize,
    ...(await tryIn(ground)),
  };
}

function nearestThere(path: string): string {
  return existsSync(path) ? path : nearestThere(dirname(path));
}

async function tryIn(ground: string): Promise<Pick<FolderLook, "trouble" | "durability">> {
  let folder = "";
  const clear = () => folder && rmSync(folder, { recursive: true, force: true });
  endOnSignal(clear);
  try {
    folder = await mkdtemp(join(ground, ".aromapod-doctor-"));
    await writeFile(join(folder, "file"), "written");
    return { trouble: undefined, durability: await durabilityOf(folder) };
  } catch (error) {
    return { trouble: error as NodeJS.ErrnoException, durability: "nothing can be written there" };
  } finally {
    clear();
  }
}

async function durabilityOf(folder: string): Promise<Durability | string> {
  try {
    return await (await sqliteProbe()).durabilityIn(folder);
  } catch (error) {
    return (error as Error).message;
  }
}
