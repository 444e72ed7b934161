import type { Sqlite } from "../plumbing/sqlite.ts";
import type { AuditStore } from "./audit-store.ts";
import type { ErpMode } from "./contract.ts";

/** What the settings page keeps; each has a value that the environment may fix instead. */
export type KeptSettings = {
  allow: readonly string[];
  proxies: readonly string[];
  mode: ErpMode | null;
  /** Customers that nothing was heard of for so long are erased; `null` keeps them. */
  retentionDays: number | null;
};

export type SettingsStore = ReturnType<typeof openSettingsStore>;

const UNSET: KeptSettings = { allow: [], proxies: [], mode: null, retentionDays: null };

/** Read at every call, so they are held in memory beside the table. */
export function openSettingsStore(db: Sqlite, audit: AuditStore) {
  const all = db.prepare("SELECT name, value FROM settings");
  const put = db.prepare(
    "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
  );
  const rows = all.all() as { name: keyof KeptSettings; value: string }[];
  let kept: KeptSettings = {
    ...UNSET,
    ...Object.fromEntries(rows.map(({ name, value }) => [name, JSON.parse(value) as unknown])),
  };

  return {
    get: (): KeptSettings => kept,
    change: async (changes: Partial<KeptSettings>, by: { at: string; actor: string }): Promise<void> => {
      await db.write(() => {
        for (const [name, value] of Object.entries(changes)) put.run(name, JSON.stringify(value));
        audit.record({ ...by, action: "changed", resource: "settings", rowId: null, changes });
      });
      kept = { ...kept, ...changes };
    },
  };
}
