import type { IncomingMessage, Server as NodeServer, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import helmet from "helmet";
import restify from "restify";
import { hostName, isLoopbackName } from "./caller.ts";
import { gzipped } from "./gzip.ts";
import { HttpError, problem, type Reply } from "./http-reply.ts";
import { type HttpRequest, readRequest } from "./http-request.ts";
import { listen } from "./listen.ts";
import type { Log } from "./log.ts";
import { rememberLast } from "./remember-last.ts";
import type { RequestCounts } from "./request-counts.ts";
import { refuseUpgrade } from "./upgrade.ts";

export type Handler = (request: HttpRequest) => Reply | undefined | Promise<Reply | undefined>;

const METHODS = { GET: "get", HEAD: "head", POST: "post", PATCH: "patch", DELETE: "del", OPTIONS: "opts" } as const;

export type Route = { method: keyof typeof METHODS; path: string; handle: Handler };

export type HttpOptions = {
  host: string;
  port: number;
  /** The setting to name when the port is taken. */
  portSetting: string;
  log: Log;
  routes: readonly Route[];
  /** Counts the answers. */
  requests?: RequestCounts;
  /** Host names that may stand in `Host` beside the loopback's own. */
  publicHosts?: readonly string[];
  /** How errors are written; problem+json unless a protocol fixes another shape. */
  formatError?: (error: HttpError, path: string, request: HttpRequest) => Reply;
  /** Guests come by https: browsers are told to keep to it. */
  isHttps?: boolean;
  /** Inline styles that pages may carry, as the policy names them: `sha256-…`. */
  styleHashes?: readonly string[];
  /** Takes a connection that asks for an upgrade, or returns false: then it is refused. */
  onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;
};

const MAX_CONNECTIONS = 4_000;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;
/** People read and think between two requests, and a new connection costs them two ways through the network. */
const KEEP_ALIVE_MS = 30_000;
const CLOSE_GRACE_MS = 2_000;
const NO_BODY = [204, 304];

/**
 * The one HTTP edge of a service: routes by restify, the `Host` check, size and time limits, security headers, and
 * the place where errors become answers. What is unknown becomes a fixed 500; its text goes to the log only.
 */
export async function startHttp(options: HttpOptions) {
  const server = restify.createServer({ name: "", log: options.log as never });
  const http = server.server as NodeServer;
  http.headersTimeout = HEADERS_TIMEOUT_MS;
  http.requestTimeout = REQUEST_TIMEOUT_MS;
  http.keepAliveTimeout = KEEP_ALIVE_MS;
  http.maxConnections = MAX_CONNECTIONS;
  const write = createWriter(options);
  guard(server, options, write);
  // restify repeats the listener's errors and throws those that nobody hears; a failed start is told by `listen`.
  server.on("error", (err: Error) => {
    if (http.listening) options.log.error({ err }, "listener failed");
  });
  for (const route of options.routes) register(server, route, { ...options, write });

  const port = await listen(http, { host: options.host, port: options.port, setting: options.portSetting });
  return { port, url: `http://${options.host}:${String(port)}`, close: () => close(http) };
}

type Write = ReturnType<typeof createWriter>;

function guard(server: restify.Server, options: HttpOptions, write: Write): void {
  const { publicHosts = [], formatError = problem, onUpgrade } = options;
  server.pre((req, res, next) => {
    const refusal = refuse(req, publicHosts);
    if (refusal) write(req, res, formatError(refusal, pathOf(req), readRequest(req, res)));
    next(refusal ? false : undefined);
  });
  // The callback that comes with the event is not called: it would make restify send an answer of its own, which throws.
  server.on("restifyError", (req: restify.Request, res: restify.Response, error: { statusCode?: number }) => {
    if (res.headersSent) return;
    write(req, res, formatError(routingError(error.statusCode), pathOf(req), readRequest(req, res)));
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    const taken = !refuse(request, publicHosts) && onUpgrade?.(request, socket, head);
    if (!taken) refuseUpgrade(socket, "404 Not Found");
  });
}

function register(server: restify.Server, route: Route, options: HttpOptions & { write: Write }): void {
  server[METHODS[route.method]](route.path, async (req: restify.Request, res: restify.Response) => {
    const reply = await answer(route, readRequest(req, res), options);
    if (reply) options.write(req, res, reply);
  });
}

async function answer(
  { handle, path }: Route,
  request: HttpRequest,
  { formatError = problem, log }: HttpOptions,
): Promise<Reply | undefined> {
  try {
    return await handle(request);
  } catch (error) {
    if (error instanceof HttpError) return formatError(error, path, request);
    log.error({ err: error, path }, "request failed");
    return formatError(ourFault(), path, request);
  }
}

/** Lets answers under way finish, but waits for nobody longer than a moment. */
async function close(http: NodeServer): Promise<void> {
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  http.closeIdleConnections();
  const impatience = setTimeout(() => http.closeAllConnections(), CLOSE_GRACE_MS);
  await closed;
  clearTimeout(impatience);
}

/** What a page may do, and what is no page. */
const pagePolicy = (styleHashes: readonly string[]) => ({
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", ...styleHashes.map((hash) => `'${hash}'`)],
  imgSrc: ["'self'", "data:"],
  connectSrc: ["'self'"],
  formAction: ["'self'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
});
const OTHER_POLICY = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };
/** What says how a page is to be shown means nothing for other answers, and would be written with each. */
const ONLY_FOR_PAGES = [
  "cross-origin-opener-policy",
  "origin-agent-cluster",
  "x-dns-prefetch-control",
  "x-frame-options",
];

/** The headers are the same for every page of a server, so helmet is asked once and not with each request. */
function securityHeaders(directives: Record<string, string[]>, isHttps: boolean): Record<string, string> {
  const policy = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives,
    },
    referrerPolicy: { policy: "same-origin" },
    strictTransportSecurity: isHttps && { includeSubDomains: false },
    // For browsers and players that are gone.
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  });
  const headers: Record<string, string> = {};
  const collector = {
    setHeader: (name: string, value: string) => {
      headers[name.toLowerCase()] = value;
    },
    removeHeader: () => undefined,
  };
  policy({} as never, collector as never, () => undefined);
  return headers;
}

const isHost = rememberLast((host) => URL.canParse(`http://${host}`));

function refuse(req: IncomingMessage, publicHosts: readonly string[]): HttpError | undefined {
  // restify's router takes both for an address, and throws where nobody hears it.
  if (!isHost(req.headers.host ?? "") || !/^[/*]/.test(req.url ?? "")) {
    return new HttpError(400, "This request cannot be read.");
  }
  const host = hostName(req.headers.host);
  if (!isLoopbackName(host) && !publicHosts.includes(host)) {
    return new HttpError(403, "This server does not answer to that host name.");
  }
  // restify's body reader dies of a broken gzip stream, and a small one may unpack without end.
  const encoding = req.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity")
    return new HttpError(415, "Send the body without Content-Encoding.");
  return undefined;
}

function routingError(status: number | undefined): HttpError {
  if (status === 405) return new HttpError(405, "This address exists, but not for that method.");
  if (status === 404 || status === undefined) return new HttpError(404, "There is nothing at this address.");
  return status < 500 ? new HttpError(status, "This request cannot be read.") : ourFault();
}

function pathOf({ url = "/" }: IncomingMessage): string {
  return url.split("?", 1)[0] ?? "/";
}

function ourFault(): HttpError {
  return new HttpError(500, "Something went wrong here; nothing that you sent was at fault.");
}

function createWriter({ styleHashes = [], isHttps = false, requests }: HttpOptions) {
  const ofPages = securityHeaders(pagePolicy(styleHashes), isHttps);
  const ofOthers = Object.fromEntries(
    Object.entries(securityHeaders(OTHER_POLICY, isHttps)).filter(([name]) => !ONLY_FOR_PAGES.includes(name)),
  );
  return (req: IncomingMessage, res: ServerResponse, reply: Reply): void => {
    const { status, headers, body } = gzipped(reply, req.headers["accept-encoding"] as string | undefined);
    const security = headers["content-type"]?.startsWith("text/html") ? ofPages : ofOthers;
    requests?.answered(status);
    // An answer without a body has no length either.
    const length = NO_BODY.includes(status) ? {} : { "content-length": Buffer.byteLength(body) };
    res.writeHead(status, { ...security, ...headers, ...length });
    res.end(body);
  };
}
