import { gzipSync } from "node:zlib";
import type { Reply } from "./http-reply.ts";

const TEXTUAL = /^(text\/|image\/svg\+xml|application\/([\w.-]+\+)?json)/;
/** Below it a body fits into one packet as it is. */
const MIN_BYTES = 1_000;
const ACCEPTS_GZIP = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i;

/** A reply that is sent again and again, such as a script, is compressed once. */
const compressed = new WeakMap<Reply, Buffer>();

/** The reply as a client with this `Accept-Encoding` gets it: what is text and not tiny comes compressed. */
export function gzipped(reply: Reply, acceptEncoding: string | undefined): Reply {
  if (!TEXTUAL.test(reply.headers["content-type"] ?? "") || reply.body.length < MIN_BYTES) return reply;
  const vary = [reply.headers["vary"], "accept-encoding"].filter(Boolean).join(", ");
  const headers = { ...reply.headers, vary };
  if (!ACCEPTS_GZIP.test(acceptEncoding ?? "")) return { ...reply, headers };
  const body = compressed.getOrInsertComputed(reply, () => gzipSync(reply.body));
  return { ...reply, headers: { ...headers, "content-encoding": "gzip" }, body };
}
