import type { Sqlite } from "../plumbing/sqlite.ts";
import type { Principal } from "./permissions.ts";

export type KeyStore = ReturnType<typeof openKeyStore>;

/** The keys of programs, by their hashes. */
export function openKeyStore(db: Sqlite) {
  const byHash = db.prepare("SELECT name, role, client_id AS clientId FROM api_keys WHERE key_hash = ?");
  return { find: (hash: string) => byHash.get(hash) as Principal | undefined };
}
