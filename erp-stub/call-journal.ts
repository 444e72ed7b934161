/** Writing down every call of the two documented endpoints, whatever came of it. */
import { type Clock, isoTime } from "../plumbing/clock.ts";
import { HttpError } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import type { Log } from "../plumbing/log.ts";
import { peerAddress } from "./caller.ts";
import type { JournalStore, Outcome } from "./journal-store.ts";

/** What a journaled URL is cut to. */
const MAX_URL = 2_000;
const MAX_REF = 200;

/** An answered call; it goes to the disk later, and nobody has to wait for that. */
export type Note = {
  /** Method and URL. */
  request: string;
  remote: string;
  ref: string | null;
  outcome: Outcome;
  status: number;
  answer: unknown;
};

type Answered = {
  request: HttpRequest;
  /** Of the route that took the call, or was missed. */
  path: string;
  status: number;
  answer: unknown;
};

export type JournalCall = (answered: Answered) => void;

type Parts = { journal: Pick<JournalStore, "add">; clock: Clock; log: Log };

export function createCallJournal({ journal, clock, log }: Parts, addressOf: (request: HttpRequest) => string) {
  function note({ status, answer, ...call }: Note): void {
    const entry = { ...call, at: isoTime(clock.now()) };
    journal.add({ ...entry, statusCode: status, answer: JSON.stringify(answer) }).catch((err: unknown) => {
      log.error({ err, status }, "a call is missing in the journal");
    });
  }

  /** For calls that have no more to tell than their status and their answer. */
  const journalCall: JournalCall = ({ request, path, status, answer }) => {
    const outcome = status < 400 ? "executed" : "refused";
    const remote = knownAddress(request, addressOf);
    note({ ...askedBy(request, path), remote, outcome, status, answer });
  };

  return { note, journalCall };
}

/** Whether a journaled method and URL is all that was asked for. */
export function isWhole(request: string): boolean {
  return request.length - request.indexOf(" ") <= MAX_URL;
}

/** Method and URL, of bounded length. */
export function requestLine({ url, raw }: Pick<HttpRequest, "url" | "raw">): string {
  return `${raw.req.method ?? ""} ${url.slice(0, MAX_URL)}`;
}

/** An `Idempotency-Key` as it is kept. */
export function refOf(key: string | undefined): string | null {
  return key?.slice(0, MAX_REF) || null;
}

/** Where a query and a key count for nothing they may tell of a person, however the address was written. */
function askedBy(request: HttpRequest, path: string): Pick<Note, "request" | "ref"> {
  if (path.startsWith("/api/")) return { request: requestLine({ raw: request.raw, url: path }), ref: null };
  return { request: requestLine(request), ref: refOf(request.header("idempotency-key")) };
}

/** Of a call that does not tell whose it is, all that is known is who brought it. */
function knownAddress(request: HttpRequest, addressOf: (request: HttpRequest) => string): string {
  try {
    return addressOf(request);
  } catch (error) {
    if (error instanceof HttpError) return peerAddress(request);
    throw error;
  }
}
