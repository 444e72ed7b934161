import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Handler, Route } from "../plumbing/http.ts";
import { HttpError, json } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import { clientIdOf, readActivity, readLocale, readWatermark } from "./activity-input.ts";
import { DirectLineError } from "./direct-line-error.ts";
import type { BotStore } from "./store.ts";
import { activitySet, type Streams } from "./stream.ts";
import { TOKEN_LIFE_S, type TokenClaims, type Tokens } from "./token.ts";
import type { Turns } from "./turns.ts";

const BASE = "/v3/directline";
const STREAM_PATH = /^\/v3\/directline\/conversations\/([A-Za-z0-9_-]{1,64})\/stream\?(.*)$/;

type Deps = { store: BotStore; tokens: Tokens; turns: Turns; streams: Streams; publicUrl: string | undefined };

/** Direct Line 3.0 as Bot Framework's own clients use it. */
export function directLineRoutes(deps: Deps): Route[] {
  return [
    { method: "POST", path: `${BASE}/tokens/refresh`, handle: refreshToken(deps) },
    { method: "POST", path: `${BASE}/conversations`, handle: startConversation(deps) },
    { method: "GET", path: `${BASE}/conversations/:id`, handle: resumeConversation(deps) },
    { method: "GET", path: `${BASE}/conversations/:id/activities`, handle: readActivities(deps) },
    { method: "POST", path: `${BASE}/conversations/:id/activities`, handle: postActivity(deps) },
  ];
}

export function isDirectLinePath(path: string): boolean {
  return path.startsWith(`${BASE}/`);
}

/** Takes the WebSocket of a `streamUrl`; false for any other upgrade. */
export function directLineUpgrade({ store, tokens, streams }: Deps) {
  async function open(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const [, conversation = "", query = ""] = STREAM_PATH.exec(request.url ?? "") ?? [];
    const parameters = new URLSearchParams(query);
    const claims = await tokens.read(parameters.get("t") ?? "");
    if (typeof claims === "string" || claims.conversationId !== conversation) {
      socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const from = readWatermark(parameters.get("watermark"));
    const replay = () => activitySet(store.activities.after(conversation, from), from);
    streams.open({ request, socket, head }, conversation, replay);
  }

  return (request: IncomingMessage, socket: Duplex, head: Buffer): boolean => {
    if (!STREAM_PATH.test(request.url ?? "")) return false;
    open(request, socket, head).catch(() => socket.destroy());
    return true;
  };
}

function refreshToken({ tokens }: Deps): Handler {
  return async (request) => {
    const claims = await readClaims(tokens, request);
    const { conversationId } = claims;
    return json({ conversationId, token: await tokens.issue(claims), expires_in: TOKEN_LIFE_S });
  };
}

function startConversation(deps: Deps): Handler {
  return async (request) => {
    const claims = await readClaims(deps.tokens, request);
    const body = (await request.json()) as { locale?: unknown } | null | undefined;
    const { conversationId: id, userId, serial } = claims;
    const isNew = await deps.turns.begin({ id, serial, userId, locale: readLocale(body?.locale) });
    return json(await conversationOf(deps, claims, request), isNew ? 201 : 200);
  };
}

function resumeConversation(deps: Deps): Handler {
  return async (request) => {
    const claims = await readClaims(deps.tokens, request);
    requireStarted(deps.store, claims);
    return json(await conversationOf(deps, claims, request));
  };
}

function readActivities({ store, tokens }: Deps): Handler {
  return async (request) => {
    const claims = await readClaims(tokens, request);
    requireStarted(store, claims);
    const watermark = readWatermark(request.query.get("watermark"));
    return json(activitySet(store.activities.after(claims.conversationId, watermark), watermark));
  };
}

function postActivity({ tokens, turns }: Deps): Handler {
  return async (request) => {
    const claims = await readClaims(tokens, request);
    const activity = readActivity(await request.json());
    if (!activity) return json({ id: `${claims.conversationId}|ignored` });
    const receipt = await turns.receive(claims.conversationId, activity, clientIdOf(activity));
    if (receipt === "unknown") throw neverStarted();
    if (receipt !== "ended") return json(receipt);
    throw new DirectLineError(400, "ConversationEnded", "This conversation has ended; scan the card again.");
  };
}

/** @throws {HttpError} with the status by which real clients behave well: 401 no token, 403 expired or foreign */
async function readClaims(tokens: Tokens, request: HttpRequest): Promise<TokenClaims> {
  const [scheme, token = ""] = (request.header("authorization") ?? "").split(" ");
  if (scheme !== "Bearer" || token === "") throw new HttpError(401, "Send the token as a bearer token.");
  const claims = await tokens.read(token);
  if (claims === "bad") throw new HttpError(401, "This token is not one of ours.");
  if (claims === "expired") throw new DirectLineError(403, "TokenExpired", "This token has expired.");
  const { id } = request.params;
  if (id !== undefined && id !== claims.conversationId) {
    throw new HttpError(403, "This token is for another conversation.");
  }
  return claims;
}

function requireStarted(store: BotStore, { conversationId }: TokenClaims): void {
  if (!store.sessions.find(conversationId)) throw neverStarted();
}

function neverStarted(): HttpError {
  return new HttpError(404, "This conversation was never started.");
}

async function conversationOf({ tokens, publicUrl }: Deps, claims: TokenClaims, request: HttpRequest) {
  const { conversationId } = claims;
  const token = await tokens.issue(claims);
  const base = (publicUrl ?? `http://${request.header("host") ?? ""}`).replace(/^http/, "ws");
  const watermark = encodeURIComponent(request.query.get("watermark") ?? "");
  const streamUrl = `${base}${BASE}/conversations/${conversationId}/stream?watermark=${watermark}&t=${token}`;
  return { conversationId, token, expires_in: TOKEN_LIFE_S, streamUrl };
}
