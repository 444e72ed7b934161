import type { Sqlite } from "../plumbing/sqlite.ts";
import type { AuditStore } from "./audit-store.ts";
import type { User } from "./session-store.ts";

type Credentials = { id: number; password: string | null };
type Change = { at: string; actor: string };

export type UserStore = ReturnType<typeof openUserStore>;

/** By what people come in: their passwords, and the invitations to choose one. */
export function openUserStore(db: Sqlite, audit: AuditStore) {
  const { byEmail, byInvite, anyAdmin, addAdmin, setInvite, ...statements } = prepareStatements(db);
  const isSetUp = () => anyAdmin.get() !== undefined;
  const record = (action: string, rowId: number, change: Change) =>
    audit.record({ ...change, action, resource: "users", rowId, changes: {} });
  const passwordIsSet = (id: number, change: Change): void => {
    statements.endSessions.run(id);
    record("set the password of", id, change);
  };

  return {
    credentials: (email: string) => byEmail.get(email) as Credentials | undefined,
    ofInvite: (hash: string, now: string) => byInvite.get(hash, now) as User | undefined,
    /** Until an admin who sees all can sign in, the set-up link is good. */
    isSetUp,

    /** Whoever was signed in with the old one is so no more; an invitation is used up. */
    setPassword: (id: number, hash: string, change: Change) =>
      db.write(() => {
        statements.setPassword.run(hash, id);
        passwordIsSet(id, change);
      }),

    /** As `setPassword`, by an invitation; false when somebody was faster, or another one took its place. */
    acceptInvite: ({ id, name }: User, { inviteHash, hash }: { inviteHash: string; hash: string }, at: string) =>
      db.write(() => {
        if (statements.acceptInvite.run(hash, id, inviteHash).changes === 0) return false;
        passwordIsSet(id, { at, actor: name });
        return true;
      }),

    invite: (id: number, invitation: { hash: string; until: string }, change: Change) =>
      db.write(() => {
        setInvite.run(invitation.hash, invitation.until, id);
        record("invited", id, change);
      }),

    /** The first one, who may be a user already: no other way in stays open. False when somebody was faster. */
    addFirstAdmin: (admin: { name: string; email: string; hash: string }, at: string) =>
      db.write(() => {
        if (isSetUp()) return false;
        const id = addAdmin.get(admin.name, admin.email, admin.hash) as number;
        statements.endSessions.run(id);
        record("set up", id, { at, actor: admin.name });
        return true;
      }),
  };
}

function prepareStatements(db: Sqlite) {
  const passwordChosen = "UPDATE users SET password_hash = ?, invite_hash = NULL, invite_until = NULL WHERE id = ?";
  return {
    byEmail: db.prepare("SELECT id, password_hash AS password FROM users WHERE email = ?"),
    byInvite: db.prepare(
      "SELECT id, name, email, role, client_id AS clientId FROM users WHERE invite_hash = ? AND invite_until > ?",
    ),
    anyAdmin: db.prepare(
      "SELECT 1 FROM users WHERE password_hash IS NOT NULL AND role = 'admin' AND client_id IS NULL LIMIT 1",
    ),
    endSessions: db.prepare("DELETE FROM sessions WHERE user_id = ?"),
    setPassword: db.prepare(passwordChosen),
    acceptInvite: db.prepare(`${passwordChosen} AND invite_hash = ?`),
    setInvite: db.prepare("UPDATE users SET invite_hash = ?, invite_until = ? WHERE id = ?"),
    addAdmin: db
      .prepare(
        `INSERT INTO users (name, email, role, password_hash) VALUES (?, ?, 'admin', ?) ON CONFLICT (email) DO UPDATE
         SET name = excluded.name, role = 'admin', client_id = NULL, password_hash = excluded.password_hash,
           invite_hash = NULL, invite_until = NULL
         RETURNING id`,
      )
      .pluck(),
  };
}
