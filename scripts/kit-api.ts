import { StartError } from "../plumbing/start-error.ts";
import { typed } from "./own-program.ts";

const WITHIN_MS = 30_000;

type Call = { url: string; key: string; method?: "GET" | "POST" | "DELETE"; body?: unknown };

/** A running part of the kit refused; the message is for the person at the terminal. */
export class RefusedError extends Error {
  override name = "RefusedError";
}

/**
 * Asks a running part of the kit, with the key that lets this machine in.
 *
 * @throws {StartError} when it does not run, {RefusedError} when it says no
 */
export async function askKit({ url, key, method = "GET", body }: Call): Promise<Response> {
  // On one machine compressing takes longer than what it saves.
  const headers = {
    authorization: `Bearer ${key}`,
    "content-type": "application/json",
    "accept-encoding": "identity",
  };
  const answer = await fetch(url, {
    method,
    headers,
    signal: AbortSignal.timeout(WITHIN_MS),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    throw new StartError(`Nothing answers at ${new URL(url).origin}: start the kit first, with "${typed("start")}".`, {
      cause,
    });
  });
  if (answer.ok) return answer;
  const { detail } = (await answer.json().catch(() => ({}))) as { detail?: string };
  throw new RefusedError(detail ?? `${new URL(url).origin} answered ${String(answer.status)}.`);
}
