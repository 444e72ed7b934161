import { json } from "../plumbing/http-reply.ts";
import type { ErpRoute } from "./access.ts";
import { ROLES, type Role } from "./operations-contract.ts";

/** What a role may do, in the words of who assigns it. */
const ROLE_WORDS: Record<Role, string> = {
  viewer: "Sees devices, usages and reports.",
  manager: "Also keeps rooms, devices, setups, usages, payments and customers.",
  admin: "Also keeps corporations, clients, users, keys and settings.",
};

/** The roles are fixed: they can be read, and assigned to users and keys. */
export function roleRoutes(): ErpRoute[] {
  const data = ROLES.map((name) => ({ name, about: ROLE_WORDS[name] }));
  const access = { subject: "roles", action: "read", by: "key" } as const;
  return [{ method: "GET", path: "/api/roles", access, handle: () => json({ data }) }];
}
