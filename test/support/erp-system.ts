import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { ErpConfig } from "../../erp-stub/config.ts";
import type { ErpMode } from "../../erp-stub/contract.ts";
import { startErp } from "../../erp-stub/service.ts";
import { type Clock, systemClock } from "../../plumbing/clock.ts";
import { createLog, type Log } from "../../plumbing/log.ts";

type Options = Partial<Pick<ErpConfig, "seed" | "allow" | "proxies" | "faults" | "publicUrl">> & {
  mode?: ErpMode;
  clock?: Clock;
  log?: Log;
};

const API_KEY = "erp-key-of-the-tests";

/** A bundled ERP on a free port with a folder of its own, which goes away with it. */
export async function openErp({ clock = systemClock, log = createLog("silent"), ...options }: Options = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), "erp-"));
  const config: ErpConfig & { mode: ErpMode } = {
    host: "127.0.0.1",
    port: 0,
    dataDir,
    mode: "safe",
    seed: "demo",
    allow: ["127.0.0.1"],
    apiKey: API_KEY,
    faults: true,
    ...options,
  };
  const start = () => startErp(config, { clock, log });
  let running = await start();
  const close = async () => {
    await running.close();
    await rm(dataDir, { recursive: true });
  };
  return {
    apiKey: API_KEY,
    mode: config.mode,
    file: join(dataDir, "erp.sqlite"),
    get url() {
      return running.url;
    },
    setUpUrl: () => running.setUpUrl(),
    /** Stops it, lets `meanwhile` work on its file and starts it again. */
    async restart(meanwhile: () => void = () => undefined) {
      await running.close();
      meanwhile();
      running = await start();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** How many rows a table of an ERP's file holds. */
export function countRows(file: string, table: string): number {
  const db = new Database(file, { readonly: true });
  const count = db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
  db.close();
  return count;
}
