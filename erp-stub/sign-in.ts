import { clientAddress, isForwarded } from "../plumbing/caller.ts";
import type { Clock } from "../plumbing/clock.ts";
import { HttpError } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import { createWindows } from "../plumbing/windows.ts";
import { isPassword } from "./password.ts";
import type { UserStore } from "./user-store.ts";

/** Tries a minute from one address: for one user, and for all. */
export const TRIES = { each: 5, all: 20 };

type Deps = { users: UserStore; clock: Clock; publicUrl: string | undefined };

export type SignIn = ReturnType<typeof createSignIn>;

/**
 * The user's id, or `undefined` for a wrong password, whether or not there is such a user.
 *
 * @throws {HttpError} 429 after a few tries, whatever comes then
 */
export function createSignIn({ users, clock, publicUrl }: Deps) {
  const ofOne = createWindows(TRIES.each);
  const ofAll = createWindows(TRIES.all);

  return async (request: HttpRequest, { email, password }: { email: string; password: string }) => {
    const all = clientAddress(request, publicUrl !== undefined || isForwarded(request));
    const one = `${all} ${email.toLowerCase()}`;
    const waitMs = Math.max(ofOne.waitMs(one, clock.now()), ofAll.waitMs(all, clock.now()));
    if (waitMs > 0) throw tooMany(Math.ceil(waitMs / 1_000));
    // Counted before it is known: guesses that come at the same time must not pass together.
    ofOne.count(one, clock.now());
    ofAll.count(all, clock.now());
    const user = users.credentials(email);
    const isRight = await isPassword(password, user?.password ?? undefined);
    return isRight ? user?.id : undefined;
  };
}

function tooMany(seconds: number): HttpError {
  const wait = String(seconds);
  return new HttpError(429, `Too many tries: please wait ${wait} seconds.`, { "retry-after": wait });
}
