import type { IncomingMessage, ServerResponse } from "node:http";
import { HttpError } from "./http-reply.ts";
import { parseJson } from "./json.ts";

export type HttpRequest = ReturnType<typeof readRequest>;

const MAX_BODY_BYTES = 64 * 1024;

/** A request as handlers see it: parsed once, bounded, with the raw pair for a library that wants to answer itself. */
export function readRequest(req: IncomingMessage, res: ServerResponse) {
  const url = req.url ?? "/";
  const queryAt = url.indexOf("?");
  return {
    /** Path and query as they were sent, byte for byte. */
    url,
    query: new URLSearchParams(queryAt < 0 ? "" : url.slice(queryAt + 1)),
    params: (req as { params?: Record<string, string> }).params ?? {},
    remoteAddress: req.socket.remoteAddress ?? "",
    raw: { req, res },

    header(name: string): string | undefined {
      const value = req.headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },

    cookie(name: string): string | undefined {
      const pairs = (req.headers.cookie ?? "").split("; ");
      return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
    },

    /** @throws {HttpError} 400 when the body is no JSON, 413 when it is too large; an empty body is `undefined` */
    async json(maxBytes = MAX_BODY_BYTES): Promise<unknown> {
      const body = await readBody(req, maxBytes);
      if (body.length === 0) return undefined;
      const value = parseJson(body);
      if (value === undefined) throw new HttpError(400, "The body is not valid JSON.");
      return value;
    },

    /** The fields of an HTML form. */
    async form(): Promise<URLSearchParams> {
      return new URLSearchParams((await readBody(req, MAX_BODY_BYTES)).toString("utf8"));
    },

    /** @throws {HttpError} 413 */
    async text(maxBytes: number): Promise<string> {
      return (await readBody(req, maxBytes)).toString("utf8");
    },
  };
}

function readBody(req: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  req.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= maxBytes) chunks.push(chunk);
    else reject(new HttpError(413, `The body is larger than ${String(maxBytes)} bytes.`));
  });
  req.on("end", () => resolve(Buffer.concat(chunks)));
  req.on("error", reject);
  req.on("close", () => {
    if (!req.complete) reject(new HttpError(400, "The body ended too soon."));
  });
  return promise;
}
