import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { GuestView, TokenAnswer } from "../../bot/contract.ts";
import { connectGuest, type Guest } from "./guest.ts";

export const STEPS = ["opened", "answered", "thanked", "ended", "confirmed"] as const;
type Step = (typeof STEPS)[number];

export type Visit = {
  reached: Step[];
  sessionId?: string;
  /** From just before the answer leaves to the bot's reply on the stream. */
  replyMs?: number;
  error?: string;
};

type Place = { origin: string; launchPath: string; signal: AbortSignal };
type Said = { activities: { type: string; from: { role?: string } }[] };

const GIVE_UP_MS = 30_000;
/** As the page's script asks what became of the choice. */
const POLL_MS = 400;
const ASSETS = /(?:href|src)="(\/[^"/][^"]*)"/g;

/** A guest with a phone: opens the page, hears the question, thinks, answers, and stays until the pod has confirmed. */
export async function visit(place: Place, thinkMs: number): Promise<Visit> {
  const seen: Visit = { reached: [] };
  const http = connectGuest(place.origin);
  const impatience = new AbortController();
  const signal = AbortSignal.any([impatience.signal, place.signal]);
  const tooLate = delay(GIVE_UP_MS, undefined, { signal }).then(() => {
    throw new Error(`Nothing more after ${seen.reached.at(-1) ?? "the arrival"} for ${String(GIVE_UP_MS / 1_000)} s.`);
  });
  try {
    await Promise.race([stay({ http, launchPath: place.launchPath }, thinkMs, seen), tooLate]);
  } catch (error) {
    seen.error = (error as Error).message;
  } finally {
    impatience.abort();
    tooLate.catch(() => undefined);
    await http.hangUp();
  }
  return seen;
}

async function stay(
  { http, launchPath }: { http: Guest; launchPath: string },
  thinkMs: number,
  seen: Visit,
): Promise<void> {
  const cookie = await openPage(http, launchPath);
  const { token, streamUrl, conversationId } = await begin(http, launchPath, cookie);
  seen.sessionId = conversationId;
  const stream = listen(streamUrl);
  try {
    await stream.question;
    seen.reached.push("opened");

    await delay(thinkMs);
    const answeredAt = performance.now();
    const activity = {
      type: "message",
      text: "Wood",
      value: { choice: "wood" },
      channelData: { clientActivityID: randomUUID() },
    };
    const path = `/v3/directline/conversations/${conversationId}/activities`;
    const posted = http.send({ method: "POST", path, token, body: activity }).then(() => seen.reached.push("answered"));
    const [thankedAt] = await Promise.all([stream.thanks, posted]);
    seen.replyMs = thankedAt - answeredAt;
    seen.reached.push("thanked");
    await stream.end;
    seen.reached.push("ended");
  } finally {
    stream.close();
  }
  await follow(http, launchPath, cookie);
  seen.reached.push("confirmed");
}

/** The page and what it refers to, as for a phone that comes for the first time; resolves with its cookie. */
async function openPage(http: Guest, launchPath: string): Promise<string | undefined> {
  const { headers, text } = await http.call({ method: "GET", path: launchPath });
  const assets = new Set(Array.from(text.matchAll(ASSETS), ([, path = ""]) => path));
  for (const path of assets) await http.call({ method: "GET", path });
  const [cookie] = String(headers["set-cookie"] ?? "").split(";");
  return cookie;
}

async function begin(http: Guest, launchPath: string, cookie: string | undefined) {
  const granted = await http.send({ method: "POST", path: `${launchPath}/token`, cookie });
  const { token } = granted as TokenAnswer;
  const body = { locale: "en" };
  const chat = await http.send({ method: "POST", path: "/v3/directline/conversations", token, body });
  return chat as TokenAnswer & { streamUrl: string };
}

/** What the bot says on the stream, with the time. */
function listen(url: string) {
  const [question, thanks, end] = Array.from({ length: 3 }, () => Promise.withResolvers<number>()) as [
    Told,
    Told,
    Told,
  ];
  const messages = [question, thanks];
  const socket = new WebSocket(url);
  socket.addEventListener("message", ({ data }) => {
    const at = performance.now();
    const { activities } = JSON.parse(String(data) || '{"activities":[]}') as Said;
    for (const { type, from } of activities) {
      if (from.role !== "bot") continue;
      if (type === "message") messages.shift()?.resolve(at);
      if (type === "endOfConversation") end.resolve(at);
    }
  });
  return { question: question.promise, thanks: thanks.promise, end: end.promise, close: () => socket.close() };
}
type Told = PromiseWithResolvers<number>;

/** @throws when the pod did not take the command */
async function follow(http: Guest, launchPath: string, cookie: string | undefined): Promise<void> {
  for (;;) {
    const { command } = (await http.send({ method: "GET", path: `${launchPath}/session`, cookie })) as GuestView;
    if (command?.state === "accepted") return;
    if (command && command.state !== "pending") throw new Error(`The command is ${command.state}.`);
    await delay(POLL_MS);
  }
}
