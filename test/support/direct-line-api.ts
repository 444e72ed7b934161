import { createHmac } from "node:crypto";
import { request } from "node:http";
import type { Heard } from "./direct-line-js.ts";
import { UPGRADE } from "./raw-http.ts";

/** All that Direct Line's answers may carry; a test knows which of it. */
type Body = {
  conversationId: string;
  token: string;
  expires_in: number;
  streamUrl: string;
  id: string;
  activities: Heard[];
  watermark: string;
  error: { code: string; message: string };
};

type Question = { token?: string; body?: unknown; headers?: Record<string, string> };

export type DirectLineApi = ReturnType<typeof directLineAt>;

/** Direct Line of a server by plain requests, its paths below `/v3/directline`. */
export function directLineAt(origin: string) {
  const ask = async (method: string, path: string, { token, body, headers = {} }: Question = {}) => {
    const response = await fetch(`${origin}/v3/directline${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text ? JSON.parse(text) : {}) as Body };
  };

  return {
    url: `${origin}/v3/directline`,
    ask,
    get: (path: string, token?: string) => ask("GET", path, token === undefined ? {} : { token }),
    post: (path: string, token: string | undefined, body?: unknown) =>
      ask("POST", path, { ...(token === undefined ? {} : { token }), body }),
    /** How a request fails: its status and the code that clients tell errors apart by. */
    async failure(method: string, path: string, question: Question = {}): Promise<string> {
      const { status, body } = await ask(method, path, question);
      const { code, message } = (body as Partial<Body>).error ?? {};
      return `${String(status)} ${message?.endsWith(".") ? String(code) : `without a sentence: ${JSON.stringify(body)}`}`;
    },
  };
}

/** What a token says, unverified as clients read it. */
export function claimsOf(token: string): Record<string, unknown> & { user: string; iat: number; exp: number } {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as ReturnType<typeof claimsOf>;
}

/** The same token with other claims, signed as the bot signs. */
export function resigned(token: string, key: string, changes: Record<string, unknown>): string {
  const [header = ""] = token.split(".");
  const payload = Buffer.from(JSON.stringify({ ...claimsOf(token), ...changes })).toString("base64url");
  return `${header}.${payload}.${createHmac("sha256", key).update(`${header}.${payload}`).digest("base64url")}`;
}

/** The status by which a server answers the opening of a WebSocket: 101 when it takes it, which is then dropped. */
export function upgradeStatus(url: string, headers: Record<string, string> = {}): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const opening = request(url.replace(/^ws/, "http"), {
    headers: { ...Object.fromEntries(UPGRADE), ...headers },
  });
  opening.on("upgrade", (response, socket) => {
    socket.destroy();
    resolve(response.statusCode ?? 0);
  });
  opening.on("response", (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  opening.on("error", reject);
  opening.end();
  return promise;
}

/** Who said what, as `role: text`; what has no text by its type. */
export function lines(activities: readonly Heard[]): string[] {
  return activities.map(({ from, text, type }) => `${from.role}: ${text ?? type}`);
}
