import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Activity } from "botbuilder";
import type { Handler, Route } from "../plumbing/http.ts";
import { HttpError, json, type Reply } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import type { BotStore } from "./store.ts";
import { activitySet, type createStreams } from "./stream.ts";
import { TOKEN_LIFE_S, type TokenClaims, type Tokens } from "./token.ts";
import type { Turns } from "./turns.ts";

const BASE = "/v3/directline";
const MAX_TEXT_CHARACTERS = 2_000;
const CLIENT_ID_SHAPE = /^[\w.:|-]{1,128}$/;
const LOCALE_SHAPE = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/;
const STREAM_PATH = /^\/v3\/directline\/conversations\/([A-Za-z0-9_-]{1,64})\/stream\?(.*)$/;

type Deps = {
  store: BotStore;
  tokens: Tokens;
  turns: Turns;
  streams: ReturnType<typeof createStreams>;
  publicUrl: string | undefined;
};

/** Direct Line 3.0 as Bot Framework's own clients use it. */
export function directLine({ store, tokens, turns, streams, publicUrl }: Deps) {
  /** @throws {HttpError} with the status by which real clients behave well: 401 no token, 403 expired or foreign */
  async function claimsOf(request: HttpRequest): Promise<TokenClaims> {
    const [scheme, token = ""] = (request.header("authorization") ?? "").split(" ");
    if (scheme !== "Bearer" || token === "") throw new HttpError(401, "Send the token as a bearer token.");
    const claims = await tokens.read(token);
    if (claims === "bad") throw new HttpError(401, "This token is not one of ours.");
    if (claims === "expired") throw new DirectLineError(403, "TokenExpired", "This token has expired.");
    const { id } = request.params;
    if (id !== undefined && id !== claims.conversationId)
      throw new HttpError(403, "This token is for another conversation.");
    return claims;
  }

  function mustExist({ conversationId }: TokenClaims): void {
    if (!store.sessions.find(conversationId)) throw new HttpError(404, "This conversation was never started.");
  }

  async function conversationOf(claims: TokenClaims, request: HttpRequest) {
    const { conversationId } = claims;
    const token = await tokens.issue(claims);
    const base = (publicUrl ?? `http://${request.header("host") ?? ""}`).replace(/^http/, "ws");
    const watermark = encodeURIComponent(request.query.get("watermark") ?? "");
    const streamUrl = `${base}${BASE}/conversations/${conversationId}/stream?watermark=${watermark}&t=${token}`;
    return { conversationId, token, expires_in: TOKEN_LIFE_S, streamUrl };
  }

  const refresh: Handler = async (request) => {
    const claims = await claimsOf(request);
    return json({ conversationId: claims.conversationId, token: await tokens.issue(claims), expires_in: TOKEN_LIFE_S });
  };

  const start: Handler = async (request) => {
    const claims = await claimsOf(request);
    const body = (await request.json()) as { locale?: unknown } | undefined;
    const { conversationId, userId, serial } = claims;
    const isNew = await turns.begin({ id: conversationId, serial, userId, locale: localeOf(body?.locale) });
    return json(await conversationOf(claims, request), isNew ? 201 : 200);
  };

  const resume: Handler = async (request) => {
    const claims = await claimsOf(request);
    mustExist(claims);
    return json(await conversationOf(claims, request));
  };

  const read: Handler = async (request) => {
    const claims = await claimsOf(request);
    mustExist(claims);
    const watermark = watermarkFrom(request.query.get("watermark"));
    return json(activitySet(store.activitiesAfter(claims.conversationId, watermark), watermark));
  };

  const post: Handler = async (request) => {
    const claims = await claimsOf(request);
    mustExist(claims);
    const activity = readActivity(await request.json());
    if (!activity) return json({ id: `${claims.conversationId}|ignored` });
    const id = await turns.receive(claims.conversationId, activity, clientIdOf(activity));
    if (id === "ended")
      throw new DirectLineError(400, "ConversationEnded", "This conversation has ended; scan the card again.");
    return json({ id });
  };

  const routes: Route[] = [
    { method: "POST", path: `${BASE}/tokens/refresh`, handle: refresh },
    { method: "POST", path: `${BASE}/conversations`, handle: start },
    { method: "GET", path: `${BASE}/conversations/:id`, handle: resume },
    { method: "GET", path: `${BASE}/conversations/:id/activities`, handle: read },
    { method: "POST", path: `${BASE}/conversations/:id/activities`, handle: post },
  ];

  async function openStream(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const [, conversation = "", query = ""] = STREAM_PATH.exec(request.url ?? "") ?? [];
    const parameters = new URLSearchParams(query);
    const claims = await tokens.read(parameters.get("t") ?? "");
    if (typeof claims === "string" || claims.conversationId !== conversation) {
      socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const from = watermarkFrom(parameters.get("watermark"));
    streams.open({ request, socket, head }, conversation, () =>
      activitySet(store.activitiesAfter(conversation, from), from),
    );
  }

  return {
    routes,
    onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
      if (!STREAM_PATH.test(request.url ?? "")) return false;
      openStream(request, socket, head).catch(() => socket.destroy());
      return true;
    },
  };
}

class DirectLineError extends HttpError {
  readonly code: string;
  constructor(status: number, code: string, detail: string) {
    super(status, detail);
    this.code = code;
  }
}

const CODES: Record<number, string> = {
  400: "BadArgument",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  413: "BadArgument",
};

/** Direct Line's own shape of an error. */
export function formatDirectLineError(error: HttpError): Reply {
  const code = error instanceof DirectLineError ? error.code : (CODES[error.status] ?? "ServiceError");
  return json({ error: { code, message: error.message } }, error.status, error.headers);
}

export function isDirectLinePath(path: string): boolean {
  return path.startsWith(`${BASE}/`);
}

/** `undefined` for what clients may send and the bot need not hear. */
function readActivity(body: unknown): Partial<Activity> | undefined {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw new HttpError(400, "Send one activity as JSON.");
  const { type, text, value, channelData, locale } = body as Record<string, unknown>;
  if (typeof type !== "string") throw new HttpError(400, `The activity has no "type".`);
  if (type !== "message") return undefined;
  if (text !== undefined && typeof text !== "string") throw new HttpError(400, `"text" must be a string.`);
  if ((text ?? "").length > MAX_TEXT_CHARACTERS)
    throw new HttpError(400, `"text" is longer than ${String(MAX_TEXT_CHARACTERS)} characters.`);
  return { type, text: text ?? "", value, channelData, locale: localeOf(locale) };
}

function clientIdOf(activity: Partial<Activity>): string | undefined {
  const id = (activity.channelData as { clientActivityID?: unknown } | null | undefined)?.clientActivityID;
  return typeof id === "string" && CLIENT_ID_SHAPE.test(id) ? id : undefined;
}

function localeOf(value: unknown): string {
  return typeof value === "string" && value.length <= 35 && LOCALE_SHAPE.test(value) ? value : "en";
}

/** Clients send an empty watermark for "from the start"; whatever cannot be read means the same. */
function watermarkFrom(value: string | null): number {
  return value !== null && /^\d{1,9}$/.test(value) ? Number(value) : 0;
}
