import type { Sqlite } from "../plumbing/sqlite.ts";
import type { Principal } from "./permissions.ts";

export type User = Principal & { id: number; email: string };

export type SessionStore = ReturnType<typeof openSessionStore>;

/** Who is signed in, and until when. Tokens are kept as hashes only. */
export function openSessionStore(db: Sqlite) {
  const find = db.prepare(
    `SELECT users.id, users.name, users.email, users.role, users.client_id AS clientId
     FROM sessions JOIN users ON users.id = user_id WHERE token_hash = ? AND until > ?`,
  );
  const add = db.prepare("INSERT INTO sessions (token_hash, user_id, until) VALUES (?, ?, ?)");
  const end = db.prepare("DELETE FROM sessions WHERE token_hash = ?");
  const endOld = db.prepare("DELETE FROM sessions WHERE until <= ?");
  return {
    find: (tokenHash: string, now: string) => find.get(tokenHash, now) as User | undefined,
    begin: (session: { tokenHash: string; userId: number; until: string }, now: string) =>
      db.write(() => {
        endOld.run(now);
        add.run(session.tokenHash, session.userId, session.until);
      }),
    end: (tokenHash: string) => db.write(() => end.run(tokenHash)),
  };
}
