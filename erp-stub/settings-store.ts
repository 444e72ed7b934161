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
  const stored = (): KeptSettings => {
    const rows = all.all() as { name: keyof KeptSettings; value: string }[];
    return { ...UNSET, ...Object.fromEntries(rows.map(({ name, value }) => [name, JSON.parse(value) as unknown])) };
  };
  let kept = stored();

  return {
    get: (): KeptSettings => kept,
    change: async (changes: Partial<KeptSettings>, by: { at: string; actor: string }): Promise<void> => {
      await db.write(() => {
        const before = stored();
        const names = (Object.keys(changes) as (keyof KeptSettings)[]).filter(
          (name) => JSON.stringify(changes[name]) !== JSON.stringify(before[name]),
        );
        if (names.length === 0) return;
        for (const name of names) put.run(name, JSON.stringify(changes[name]));
        const pairs = names.map((name) => [name, [before[name], changes[name]]]);
        audit.record({
          ...by,
          action: "changed",
          resource: "settings",
          rowId: null,
          changes: Object.fromEntries(pairs),
        });
      });
      kept = { ...kept, ...changes };
    },
  };
}
