/** What an admin may set while the ERP runs, beside what its environment fixes. */
import { addressProblem, networkProblem } from "./addresses.ts";
import type { ErpMode } from "./contract.ts";
import { type FieldErrors, FieldsError } from "./field-errors.ts";
import type { KeptSettings, SettingsStore } from "./settings-store.ts";

/** From the environment: the lists are added to those that are kept, the mode wins over the one that is. */
export type GivenSettings = { allow: readonly string[]; proxies: readonly string[]; mode: ErpMode | undefined };

const MAX_ENTRIES = 200;
const MAX_RETENTION_DAYS = 3_650;

export type Settings = ReturnType<typeof createSettings>;

export function createSettings(store: SettingsStore, given: GivenSettings) {
  return {
    given,
    kept: store.get,
    change: store.change,
    allow: () => [...given.allow, ...store.get().allow],
    proxies: () => [...given.proxies, ...store.get().proxies],
    mode: (): ErpMode => given.mode ?? store.get().mode ?? "safe",
  };
}

/** The settings as a program sends them, or a form with its lists taken apart. */
export type SettingsBody = {
  allow?: readonly string[] | undefined;
  proxies?: readonly string[] | undefined;
  mode?: ErpMode | null | undefined;
  retention_days?: number | null | undefined;
};

/** @throws {FieldsError} that names every entry that is none */
export function readSettings(body: SettingsBody): Partial<KeptSettings> {
  const errors: FieldErrors = {};
  const list = (field: "allow" | "proxies", problemOf: (entry: string) => string | undefined) => {
    const entries = [...new Set(body[field])];
    const problems = entries.flatMap((entry) => {
      const problem = problemOf(entry);
      return problem ? [`“${entry.slice(0, 64)}” ${problem}.`] : [];
    });
    if (entries.length > MAX_ENTRIES) problems.push(`There are at most ${String(MAX_ENTRIES)} entries.`);
    if (problems.length > 0) errors[field] = problems;
    return body[field] && { [field]: entries };
  };
  const { retention_days: days } = body;
  if (days !== undefined && days !== null && !(Number.isInteger(days) && days >= 1 && days <= MAX_RETENTION_DAYS)) {
    errors["retention_days"] = [`Enter a whole number of days from 1 to ${String(MAX_RETENTION_DAYS)}, or nothing.`];
  }
  const changes = {
    ...list("allow", networkProblem),
    ...list("proxies", addressProblem),
    ...(body.mode !== undefined && { mode: body.mode }),
    ...(days !== undefined && { retentionDays: days }),
  };
  if (Object.keys(errors).length > 0) throw new FieldsError(errors);
  return changes;
}
