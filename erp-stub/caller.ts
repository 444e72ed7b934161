/** Who may call the two endpoints that need no key: known addresses, and no browsers, as every call writes. */
import { isForwarded } from "../plumbing/caller.ts";
import { HttpError } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import { rememberLast } from "../plumbing/remember-last.ts";
import { canonicalAddress, createAllowList } from "./addresses.ts";

type ReadHeader = (name: string) => string | undefined;

/** They may change while the server runs. */
type Lists = {
  /** Addresses and networks. */
  allow: () => readonly string[];
  /** Addresses whose `X-Forwarded-For` is believed. */
  proxies: () => readonly string[];
};

const NO_BROWSERS = "Every call of this address writes, so it refuses browsers: send it with curl or a program.";

export type AdmitCaller = ReturnType<typeof admitCaller>;

/** @returns a function that tells the address of a caller, or throws an `HttpError` 403 for one who may not call */
export function admitCaller({ allow, proxies }: Lists): (request: HttpRequest) => { address: string } {
  const allowList = following(allow, createAllowList);
  const addressOf = callerAddress(proxies);
  return (request) => {
    const address = addressOf(request);
    if (!allowList()(address)) {
      throw new HttpError(403, `${address} may not call this address: add it in the settings or to ERP_ALLOW.`);
    }
    if (looksLikeBrowser((name) => request.header(name))) throw new HttpError(403, NO_BROWSERS);
    return { address };
  };
}

/**
 * Whose a call is: the peer's, or that of the first one before it who is no proxy of ours.
 *
 * @returns a function that throws an `HttpError` 403 when a proxy stands in between that is not named, or tells nothing
 */
export function callerAddress(proxies: Lists["proxies"]): (request: HttpRequest) => string {
  const proxyList = following(proxies, createAllowList);
  return (request) => {
    const peer = peerAddress(request);
    if (!isForwarded(request)) return peer;
    const isProxy = proxyList();
    if (!isProxy(peer)) {
      throw new HttpError(403, `${peer} forwarded this call for somebody else: name it in ERP_PROXIES to believe it.`);
    }
    return originOf(request.header("x-forwarded-for") ?? "", isProxy);
  };
}

/** The one that the connection comes from. */
export function peerAddress({ remoteAddress }: HttpRequest): string {
  return canonical(remoteAddress);
}

const canonical = rememberLast((address) => canonicalAddress(address.replace(/%.*/, "")) ?? address);

/** A page, an image or a prefetch would write without anybody wanting it. `Sec-Fetch-Mode` alone is Node's fetch. */
export function looksLikeBrowser(header: ReadHeader): boolean {
  const accept = header("accept")?.toLowerCase() ?? "";
  return (
    ["origin", "sec-fetch-site", "sec-purpose"].some((name) => header(name) !== undefined) ||
    header("purpose")?.toLowerCase() === "prefetch" ||
    accept.includes("text/html") ||
    accept.includes("image/")
  );
}

/** Each proxy appends whom it was called by, so what stands left of the first stranger is that stranger's word. */
function originOf(forwardedFor: string, isProxy: (address: string) => boolean): string {
  let origin = "";
  for (const hop of forwardedFor.split(",").reverse()) {
    const address = canonicalAddress(hop.trim());
    if (address === undefined)
      throw new HttpError(403, "The proxy's X-Forwarded-For does not tell whose call this is.");
    origin = address;
    if (!isProxy(address)) break;
  }
  return origin;
}

/** What is made of a list, made anew only when the list changed. */
function following<Made>(list: () => readonly string[], make: (entries: readonly string[]) => Made): () => Made {
  let known = [...list()];
  let made = make(known);
  return () => {
    const entries = list();
    const isSame = entries.length === known.length && entries.every((entry, at) => entry === known[at]);
    if (!isSame) {
      made = make(entries);
      known = [...entries];
    }
    return made;
  };
}
