/** Somebody of every kind who may come to an ERP: with a key or a session, of each role, bound or not; and who is no more. */
import type Database from "better-sqlite3";
import { hashSecret } from "../../plumbing/secret.ts";
import type { Role } from "./erp-rules.ts";
import type { ClientName, TwoClients } from "./erp-two-clients.ts";

export type Person = {
  name: string;
  /** What they come with. */
  by: "key" | "page";
  /** `undefined` for who has no right to be there. */
  role: Role | undefined;
  bound: ClientName | null;
  headers: Record<string, string>;
  /** Of a second session, to be thrown away. */
  spare: Record<string, string>;
};

const ROLES: readonly Role[] = ["viewer", "manager", "admin"];
const BOUNDS = [null, "alpha", "bravo"] as const;
const LATER = "2026-03-01T20:00:00.000Z";
const EARLIER = "2026-03-01T11:59:59.999Z";

const cookieOf = (secret: string) => ({ cookie: `__Host-katlai-user=${secret}` });
const keyOf = (secret: string) => ({ authorization: `Bearer ${secret}` });

/** Writes them into the file of an ERP that does not run. */
export function addPeople(db: Database.Database, clients: TwoClients): Person[] {
  const rights = ROLES.flatMap((role) =>
    BOUNDS.map((bound) => ({ role, bound, name: `${role} of ${bound ?? "all"}` })),
  );
  const user = db.prepare(
    "INSERT INTO users (name, email, role, client_id, password_hash) VALUES (?, ?, ?, ?, 'none')",
  );
  const session = db.prepare("INSERT INTO sessions (token_hash, user_id, until) VALUES (?, ?, ?)");
  const key = db.prepare("INSERT INTO api_keys (name, role, client_id, key_hash, created_at) VALUES (?, ?, ?, ?, ?)");

  function signIn(name: string, { role, bound }: Pick<Person, "role" | "bound">, until: string) {
    const client = bound && clients[bound]["clients"];
    const id = user.run(name, `${name.replaceAll(" ", "-")}@example.com`, role, client).lastInsertRowid;
    for (const secret of [name, `${name} spare`]) session.run(hashSecret(secretOf(secret)), id, until);
    return { headers: cookieOf(secretOf(name)), spare: cookieOf(secretOf(`${name} spare`)) };
  }
  const keyFor = (name: string, { role, bound }: Pick<Person, "role" | "bound">) => {
    key.run(name, role, bound && clients[bound]["clients"], hashSecret(secretOf(name)), EARLIER);
    return { headers: keyOf(secretOf(name)), spare: {} };
  };
  const admin = { role: "admin", bound: null } as const;
  const nobody = { role: undefined, bound: null };
  return [
    ...rights.map((right): Person => ({ ...right, by: "page", ...signIn(right.name, right, LATER) })),
    ...rights.map((right): Person => ({ ...right, by: "key", ...keyFor(right.name, right) })),
    { ...nobody, name: "nobody", by: "page", headers: {}, spare: {} },
    { ...nobody, name: "a made-up session", by: "page", headers: cookieOf("made-up"), spare: {} },
    { ...nobody, name: "an expired session", by: "page", ...signIn("expired", admin, EARLIER) },
    { ...nobody, name: "who signed out", by: "page", ...signIn("signed out", admin, LATER) },
    { ...nobody, name: "a removed user", by: "page", ...signIn("removed", admin, LATER) },
    { ...nobody, name: "a made-up key", by: "key", headers: keyOf("made-up"), spare: {} },
    { ...nobody, name: "an empty key", by: "key", headers: keyOf(""), spare: {} },
    { ...nobody, name: "a revoked key", by: "key", ...keyFor("revoked", admin) },
  ];
}

export function personOf(people: readonly Person[], name: string, by: Person["by"] = "page"): Person {
  const found = people.find((person) => person.name === name && person.by === by);
  if (!found) throw new Error(`There is no ${name} with a ${by}.`);
  return found;
}

function secretOf(name: string): string {
  return `secret-of-${name.replaceAll(" ", "-")}`;
}
