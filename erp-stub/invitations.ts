import { type Clock, isoTime } from "../plumbing/clock.ts";
import { hashSecret, newSecret, sameSecret } from "../plumbing/secret.ts";
import { hashPassword } from "./password.ts";
import type { User } from "./session-store.ts";
import type { UserStore } from "./user-store.ts";

export const INVITE_LIFE_MS = 7 * 86_400_000;

export type Invitations = ReturnType<typeof createInvitations>;

/** Links under which people choose their passwords: the first admin by the one that the start prints, others by an admin's. */
export function createInvitations({ users, clock }: { users: UserStore; clock: Clock }) {
  const setUpSecret = newSecret();
  const now = () => isoTime(clock.now());

  return {
    /** `undefined` once somebody can sign in. */
    setUpPath: (): string | undefined => (users.isSetUp() ? undefined : `/set-up/${setUpSecret}`),
    isSetUpSecret: (given: string): boolean => !users.isSetUp() && sameSecret(given, setUpSecret),

    /** The first admin's id, or `undefined` when somebody was faster. */
    async setUp({ name, email, password }: { name: string; email: string; password: string }) {
      const isFirst = await users.addFirstAdmin({ name, email, hash: await hashPassword(password) }, now());
      return isFirst ? users.credentials(email)?.id : undefined;
    },

    /** The path of a new invitation; it replaces the one before. */
    async invite(userId: number, actor: string): Promise<string> {
      const secret = newSecret();
      const until = isoTime(clock.now() + INVITE_LIFE_MS);
      await users.invite(userId, { hash: hashSecret(secret), until }, { at: now(), actor });
      return `/join/${secret}`;
    },

    invited: (secret: string): User | undefined => users.ofInvite(hashSecret(secret), now()),

    /** Uses an invitation up; false when that was done meanwhile. */
    async accept(user: User, { secret, password }: { secret: string; password: string }): Promise<boolean> {
      const hash = await hashPassword(password);
      return users.acceptInvite(user, { inviteHash: hashSecret(secret), hash }, now());
    },

    choosePassword: async (user: User, password: string): Promise<void> =>
      users.setPassword(user.id, await hashPassword(password), { at: now(), actor: user.name }),
  };
}
