/** Who may do what: one table, so that every route and every button asks the same. */
import { ROLES, type Role } from "./operations-contract.ts";

/** Somebody at work in the ERP: a user who has signed in, or a program with a key. */
export type Principal = {
  /** As the audit log names it. */
  name: string;
  role: Role;
  /** The one client that they are bound to; `null` sees all. */
  clientId: number | null;
};

export type Action = "read" | "write";

/** What a bound principal gets: what belongs to its client, everything as all others, or nothing. */
type Bound = "own" | "all" | "none";

type Rule = { role: Role; bound: Bound };

type Rules = { read: Rule; write?: Rule };

const OWN_READ: Rule = { role: "viewer", bound: "own" };
const OWN_WRITE: Rule = { role: "manager", bound: "own" };
const HOUSE_WRITE: Rule = { role: "manager", bound: "none" };
const HOUSE_READ: Rule = { role: "viewer", bound: "none" };
const ADMIN: Rule = { role: "admin", bound: "none" };

/** What is not here, nobody may. */
const PERMISSIONS = {
  corporations: { read: OWN_READ, write: ADMIN },
  clients: { read: OWN_READ, write: ADMIN },
  users: { read: ADMIN, write: ADMIN },
  roles: { read: { role: "viewer", bound: "all" } },
  "device-types": { read: { role: "viewer", bound: "all" }, write: HOUSE_WRITE },
  rooms: { read: OWN_READ, write: OWN_WRITE },
  devices: { read: OWN_READ, write: HOUSE_WRITE },
  "device-setups": { read: OWN_READ, write: OWN_WRITE },
  scents: { read: { role: "viewer", bound: "all" }, write: HOUSE_WRITE },
  schedules: { read: { role: "viewer", bound: "all" }, write: HOUSE_WRITE },
  "device-usages": { read: OWN_READ, write: OWN_WRITE },
  payments: { read: OWN_READ, write: OWN_WRITE },
  reports: { read: OWN_READ },
  customers: { read: { role: "manager", bound: "none" }, write: HOUSE_WRITE },
  journal: { read: HOUSE_READ, write: ADMIN },
  audit: { read: ADMIN },
  settings: { read: ADMIN, write: ADMIN },
  "api-keys": { read: ADMIN, write: ADMIN },
  faults: { read: ADMIN, write: ADMIN },
  "master-data": { read: HOUSE_READ, write: ADMIN },
  /** The own dashboard and password. */
  self: { read: { role: "viewer", bound: "all" }, write: { role: "viewer", bound: "all" } },
} satisfies Record<string, Rules>;

export type Subject = keyof typeof PERMISSIONS;

export function mayDo(who: Principal, subject: Subject, action: Action): boolean {
  const rule = ruleOf(subject, action);
  if (!rule) return false;
  const isEnough = ROLES.indexOf(who.role) >= ROLES.indexOf(rule.role);
  return isEnough && (who.clientId === null || rule.bound !== "none");
}

/** The client whose rows alone somebody may read or write; `null` for all rows. */
export function scopeOf(who: Principal, subject: Subject, action: Action): number | null {
  return ruleOf(subject, action)?.bound === "own" ? who.clientId : null;
}

function ruleOf(subject: Subject, action: Action): Rule | undefined {
  const rules: Rules = PERMISSIONS[subject];
  return rules[action];
}
