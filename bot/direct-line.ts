import { randomUUIDv7 } from "node:crypto";
import { failpoint } from "../plumbing/failpoint.ts";
import type { Handler, Route } from "../plumbing/http.ts";
import { HttpError, json } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import { clientIdOf, readActivity, readWatermark } from "./activity-input.ts";
import { type Conversation, hasEnded } from "./conversation-store.ts";
import { carriesSecret, readClaims, requireSecret, tokenExpired } from "./direct-line-auth.ts";
import { DirectLineError } from "./direct-line-error.ts";
import { FALLBACK } from "./languages.ts";
import type { Links } from "./launch.ts";
import type { Origins } from "./origins.ts";
import type { BotStore } from "./store.ts";
import { activitySet, type Streams } from "./stream.ts";
import type { TokenClaims, Tokens } from "./token.ts";
import { newUser, readStartRequest, readTokenRequest } from "./token-request.ts";
import type { Turns } from "./turns.ts";

const BASE = "/v3/directline";

export type DirectLine = {
  store: BotStore;
  tokens: Tokens;
  turns: Turns;
  streams: Streams;
  origins: Origins;
  check: Links["check"];
  directLineSecret: string;
  publicUrl: string | undefined;
};

/** Direct Line 3.0 as Bot Framework's own clients use it. */
export function directLineRoutes(deps: DirectLine): Route[] {
  const { shared, preflight } = deps.origins;
  const routes: Route[] = [
    { method: "POST", path: `${BASE}/tokens/generate`, handle: generateToken(deps) },
    { method: "POST", path: `${BASE}/tokens/refresh`, handle: refreshToken(deps) },
    { method: "POST", path: `${BASE}/conversations`, handle: startConversation(deps) },
    { method: "GET", path: `${BASE}/conversations/:id`, handle: resumeConversation(deps) },
    { method: "GET", path: `${BASE}/conversations/:id/activities`, handle: readActivities(deps) },
    { method: "POST", path: `${BASE}/conversations/:id/activities`, handle: postActivity(deps) },
    { method: "POST", path: `${BASE}/conversations/:id/upload`, handle: refuseUpload(deps) },
  ];
  const paths = new Set(routes.map(({ path }) => path));
  return [
    ...routes.map((route) => ({ ...route, handle: shared(route.handle) })),
    ...[...paths].map((path): Route => ({ method: "OPTIONS", path, handle: preflight })),
  ];
}

export function isDirectLinePath(path: string): boolean {
  return path.startsWith(`${BASE}/`);
}

function generateToken(deps: DirectLine): Handler {
  return async (request) => {
    requireSecret(deps, request);
    const { userId = newUser(), trustedOrigins } = readTokenRequest(await request.json());
    return json(await grant(deps, { conversationId: randomUUIDv7(), userId, trustedOrigins }));
  };
}

function refreshToken(deps: DirectLine): Handler {
  return async (request) => json(await grant(deps, await readClaims(deps, request)));
}

function startConversation(deps: DirectLine): Handler {
  return async (request) => {
    const hasSecret = carriesSecret(deps, request);
    const claims = hasSecret ? undefined : await readClaims(deps, request);
    if (claims) requireGoodLink(deps, claims);
    const { userId = newUser(), locale } = readStartRequest(await request.json());
    const who = claims ?? { conversationId: randomUUIDv7(), userId };
    const { conversationId: id, serial } = who;
    const isNew = await deps.turns.begin({ id, serial, userId: who.userId, locale: locale ?? FALLBACK });
    if (!isNew) await deps.turns.stayAwake(id, locale);
    return json(await conversationOf(deps, who, request), isNew ? 201 : 200);
  };
}

/**
 * A token outlives the link that it was given for: what has begun goes on, but nothing begins any more. While the
 * registry has not arrived the token is believed, since clients give up at once when a start fails.
 */
function requireGoodLink({ store, check }: DirectLine, { conversationId, serial, keyVersion = 0 }: TokenClaims): void {
  if (serial === undefined || store.conversations.find(conversationId)) return;
  if (check({ serial, keyVersion }) !== "bad") return;
  throw new HttpError(403, "The link of this token is no longer good; scan the card again.");
}

function resumeConversation(deps: DirectLine): Handler {
  return async (request) => {
    const claims = await readClaims(deps, request);
    const conversation = requireStarted(deps.store, claims);
    const isPast = readWatermark(request.query.get("watermark")) >= deps.store.activities.last(conversation.id);
    // A client that has everything of what is over would come back for ever.
    if (isPast && hasEnded(conversation)) throw new HttpError(404, "This conversation has ended.");
    return json(await conversationOf(deps, claims, request));
  };
}

function readActivities(deps: DirectLine): Handler {
  const { store } = deps;
  return async (request) => {
    const claims = await readClaims(deps, request);
    const { id } = requireStarted(store, claims);
    const watermark = readWatermark(request.query.get("watermark"));
    return json(activitySet(store.activities.after(id, watermark), Math.min(watermark, store.activities.last(id))));
  };
}

function postActivity(deps: DirectLine): Handler {
  const { store, turns } = deps;
  return async (request) => {
    const claims = await readClaims(deps, request);
    const { conversationId: id } = claims;
    const activity = readActivity(await request.json());
    if (typeof activity === "string") {
      requireStarted(store, claims);
      if (activity === "typing") await turns.stayAwake(id);
      return json({ id: `${id}|${activity}` });
    }
    const receipt = await turns.receive(id, activity, clientIdOf(activity));
    failpoint("bot.activity-stored");
    if (typeof receipt !== "string") return json(receipt);
    throw REFUSALS[receipt]();
  };
}

/** Nothing of it is read. */
function refuseUpload(deps: DirectLine): Handler {
  return async (request) => {
    await readClaims(deps, request);
    throw new HttpError(415, "This bot takes no attachments.");
  };
}

const neverStarted = (): HttpError => new HttpError(404, "This conversation was never started.");

const REFUSALS = {
  unknown: neverStarted,
  ended: () => new DirectLineError(400, "ConversationEnded", "This conversation has ended; scan the card again."),
  full: () => new DirectLineError(400, "ConversationFull", "Too much was said here; scan the card again."),
  failed: () => new DirectLineError(502, "BotRejectedActivity", "The bot could not answer; please try again."),
};

function requireStarted(store: BotStore, { conversationId }: TokenClaims): Conversation {
  const conversation = store.conversations.find(conversationId);
  if (!conversation) throw neverStarted();
  return conversation;
}

async function grant({ tokens }: DirectLine, claims: TokenClaims) {
  const granted = await tokens.grant(claims);
  if (!granted) throw tokenExpired();
  return granted;
}

async function conversationOf(deps: DirectLine, claims: TokenClaims, request: HttpRequest) {
  const { tokens, publicUrl } = deps;
  const base = (publicUrl ?? `http://${request.header("host") ?? ""}`).replace(/^http/, "ws");
  const query = new URLSearchParams({
    watermark: request.query.get("watermark") ?? "",
    t: await tokens.ticket(claims.conversationId),
  });
  const streamUrl = `${base}${BASE}/conversations/${claims.conversationId}/stream?${query.toString()}`;
  return { ...(await grant(deps, claims)), streamUrl };
}
