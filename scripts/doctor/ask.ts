import { get as getPlain } from "node:http";
import { get as getSecure } from "node:https";
import { text } from "node:stream/consumers";

const DEADLINE_MS = 5_000;
export const NO_ANSWER = "no answer within five seconds";

export type Answer =
  | {
      answered: true;
      status: number;
      text: string;
      clock: { theirs: number; ours: number } | undefined;
      /** Where it sends who asks. */
      location: string | undefined;
    }
  | { answered: false; reason: string; isRefused: boolean };

/**
 * Asks with GET what a server says, within a few seconds, and follows it nowhere else. `fetch` would refuse some ports
 * on which a server may well listen.
 */
export function ask(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const get = url.startsWith("https:") ? getSecure : getPlain;
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const request = get(url, { headers, agent: false, signal }, (response) => {
    const clock = clockOf(response.headers.date);
    const {
      statusCode: status = 0,
      headers: { location },
    } = response;
    const answer = { answered: true, status, clock, location } as const;
    text(response).then(
      (body) => resolve({ ...answer, text: body }),
      () => resolve({ ...answer, text: "" }),
    );
  });
  request.on("error", ({ message, code }: NodeJS.ErrnoException) => {
    // When all addresses of a name refuse, the error has no message of its own.
    const reason = signal.aborted ? NO_ANSWER : message || (code ?? "");
    resolve({ answered: false, reason, isRefused: code === "ECONNREFUSED" });
  });
  return promise;
}

/** The header has whole seconds, cut off. */
function clockOf(date = ""): { theirs: number; ours: number } | undefined {
  const theirs = Date.parse(date);
  return Number.isNaN(theirs) ? undefined : { theirs: theirs + 500, ours: Date.now() };
}
