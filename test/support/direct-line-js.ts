import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import { eventually } from "./eventually.ts";

/** DirectLineJS as it is shipped for pages: a script that sets the global `DirectLine`. */
const SCRIPT = fileURLToPath(import.meta.resolve("botframework-directlinejs/dist/directline.js"));

export const STATUS = { connecting: 1, online: 2, expiredToken: 3, failedToConnect: 4, ended: 5 } as const;

export type Heard = {
  id: string;
  type: string;
  text?: string;
  timestamp: string;
  from: { id: string; role: string };
  replyToId?: string;
  channelData?: unknown;
};

type Options = {
  token: string;
  /** Where Direct Line is, if not at the page's own origin. */
  domain?: string;
  conversationId?: string;
  streamUrl?: string;
  watermark?: string;
  webSocket?: boolean;
  /** For requests, between two of them after a failure, and between two keep-alive frames: 20 s if unset. */
  timeout?: number;
  pollingInterval?: number;
  /** Between two new tokens: a quarter of an hour if unset. */
  refreshMs?: number;
};

type Observable<T> = { subscribe(next: (value: T) => void, error?: (error: Error) => void): void };
type Client = {
  activity$: Observable<Heard>;
  connectionStatus$: Observable<number>;
  postActivity(activity: object): Observable<string>;
  reconnect(conversation: { token: string; streamUrl: string }): void;
  getSessionId(): Observable<string>;
  token: string;
};
/** The globals of the page. */
type Scope = {
  DirectLine: { DirectLine: new (options: object) => Client };
  client: Client;
  heard: Heard[];
  statuses: number[];
  errors: string[];
  sockets: WebSocket[];
  closings: number[];
  frames: Frames;
};
type Frames = { sent: string[]; received: string[] };

/** The real client of Direct Line, in a page of the bot's own origin. It reconnects after 0.3 s instead of 3 to 15. */
export async function openDirectLineJs(browser: Browser, origin: string, options: Options) {
  const context = await browser.newContext({ bypassCSP: true });
  const page = await context.newPage();
  const requests = recordRequests(page);
  const crashes: string[] = [];
  page.on("pageerror", (error) => crashes.push(error.message));
  await page.goto(`${origin}/livez`);
  await page.addScriptTag({ path: SCRIPT });
  if (options.refreshMs) await page.evaluate(shortenRefresh, options.refreshMs);
  await page.evaluate(start, { domain: `${origin}/v3/directline`, ...options });
  const heard = () => page.evaluate(() => (globalThis as unknown as Scope).heard);

  return {
    requests,
    heard,

    /** Waits until exactly this was said, in this order: who, and the text or the type. */
    hears: (expected: readonly string[]): Promise<void> =>
      eventually(async () => {
        expect((await heard()).map(({ from, text, type }) => `${from.role}: ${text ?? type}`)).toEqual(expected);
      }),

    statuses: () => page.evaluate(() => (globalThis as unknown as Scope).statuses),
    /** What ended the stream of activities, and what nobody caught. */
    errors: async () => [...(await page.evaluate(() => (globalThis as unknown as Scope).errors)), ...crashes],
    /** Where the sockets went, in the order in which they were opened. */
    sockets: () => page.evaluate(() => (globalThis as unknown as Scope).sockets.map(({ url }) => url)),

    /** How they were closed. */
    closings: () => page.evaluate(() => (globalThis as unknown as Scope).closings),
    /** What went through them. */
    frames: () => page.evaluate(() => (globalThis as unknown as Scope).frames),
    token: () => page.evaluate(() => (globalThis as unknown as Scope).client.token),

    /** Resolves with what the client gives to its page: the id, or how sending failed. */
    post: (activity: object): Promise<string> => page.evaluate(post, activity),
    say: (text: string): Promise<string> => page.evaluate(post, { type: "message", from: { id: "me" }, text }),

    reconnect: (conversation: { token: string; streamUrl: string }) =>
      page.evaluate((to) => (globalThis as unknown as Scope).client.reconnect(to), conversation),

    sessionId: () =>
      page.evaluate(() => {
        const { client } = globalThis as unknown as Scope;
        return new Promise<string>((resolve, reject) => client.getSessionId().subscribe(resolve, reject));
      }),

    /** The page itself lets go of its sockets. */
    closeSockets: () =>
      page.evaluate(() => {
        for (const socket of (globalThis as unknown as Scope).sockets) socket.close();
      }),

    [Symbol.asyncDispose]: () => context.close(),
  };
}

/** `POST /conversations 201` and the like, with `failed` instead of a status where no answer came. */
function recordRequests(page: Page): string[] {
  const requests: string[] = [];
  const note = (method: string, url: string, end: string) => {
    const { pathname, search } = new URL(url);
    const path = pathname.replace("/v3/directline", "");
    if (path !== pathname) requests.push(`${method} ${path}${search} ${end}`);
  };
  page.on("response", (response) => note(response.request().method(), response.url(), String(response.status())));
  page.on("requestfailed", (request) => note(request.method(), request.url(), "failed"));
  return requests;
}

// What follows runs in the page, so each function stands on its own.

function start(options: object): void {
  const scope = globalThis as unknown as Scope;
  Object.assign(scope, {
    heard: [],
    statuses: [],
    errors: [],
    sockets: [],
    closings: [],
    frames: { sent: [], received: [] },
  });
  class Recorded extends WebSocket {
    constructor(url: string) {
      super(url);
      scope.sockets.push(this);
      this.addEventListener("close", ({ code }) => scope.closings.push(code));
      this.addEventListener("message", ({ data }) => scope.frames.received.push(String(data)));
    }
    override send(data: string): void {
      scope.frames.sent.push(data);
      super.send(data);
    }
  }
  // The client waits for 3 s and a random part of 12 s before it reconnects.
  const random = () => (300 - 3_000) / 12_000;
  scope.client = new scope.DirectLine.DirectLine({ ...options, WebSocket: Recorded, random });
  scope.client.connectionStatus$.subscribe((status) => scope.statuses.push(status));
  scope.client.activity$.subscribe(
    (activity) => scope.heard.push(activity),
    (error) => scope.errors.push(error.message),
  );
}

function post(activity: object): Promise<string> {
  const { client } = globalThis as unknown as Scope;
  return new Promise((resolve) => {
    client.postActivity(activity).subscribe(resolve, (error) => {
      resolve(`failed with ${String((error as { status?: number }).status ?? error.message)}`);
    });
  });
}

function shortenRefresh(ms: number): void {
  const everyQuarterOfAnHour = 15 * 60 * 1_000;
  const usual = globalThis.setInterval;
  const shortened = (work: () => void, pause: number) => usual(work, pause === everyQuarterOfAnHour ? ms : pause);
  Object.assign(globalThis, { setInterval: shortened });
}
