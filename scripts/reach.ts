const WITHIN_MS = 30_000;

/** Fetches. @throws where nobody answers, one sentence that says so: fetch's own is "fetch failed" */
export function reach(url: string, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { signal: AbortSignal.timeout(WITHIN_MS), ...init }).catch((cause: unknown) => {
    throw new Error(`Nothing answers at ${new URL(url).origin}.`, { cause });
  });
}
