import { randomUUIDv7 } from "node:crypto";
import type { Activity } from "botbuilder";
import type { Device } from "../device-db/contract.ts";
import type { Clock } from "../plumbing/clock.ts";
import type { Log } from "../plumbing/log.ts";
import { createQueues } from "../plumbing/queues.ts";
import { MAX_ACTIVITIES, type StoredActivity } from "./activity-store.ts";
import { type Conversation, DIRECT_LINE } from "./conversation-store.ts";
import { framed } from "./framed.ts";
import { FALLBACK, languageOf } from "./languages.ts";
import type { Cue, OpenTurn } from "./local-adapter.ts";
import { message } from "./messages.ts";
import { WARNING_MS } from "./session-clock.ts";
import { heardNow, isOver, newSession, type Session, type SessionChange, sessionOf } from "./session-store.ts";
import type { BotStore, Turn } from "./store.ts";

/** A lost race means that the session has moved on, so the second run finds it as it is. */
const MAX_RUNS = 2;

/** A conversation to begin, for the guest and the pod of a token; without a pod it is no session yet. */
type Wanted = { id: string; serial?: string | undefined; userId: string; locale: string };

type Receipt = { id: string } | "ended" | "unknown" | "full" | "failed";

type Deps = {
  store: BotStore;
  /** Resolves with the bot, which is loaded after the listeners are up. */
  bot: () => Promise<(open: OpenTurn, activity: Partial<Activity>, cue: Cue) => Promise<void>>;
  /** The device of a genuine link. */
  resolve: (link: string) => Device | undefined;
  /** These were said and are on disk; nothing follows the last ones. */
  onActivities: (conversation: string, activities: StoredActivity[], areLast: boolean) => void;
  /** This change of a session is on disk. */
  onChange: (session: Session, change: SessionChange) => void;
  clock: Clock;
  log: Log;
};

export type Turns = ReturnType<typeof createTurns>;

/** Runs the bot's turns on the bundled Direct Line: one at a time per conversation, each committed as a whole. */
export function createTurns(deps: Deps) {
  const { store, clock } = deps;
  const inOrder = createQueues();

  async function start({ id, serial, userId, locale }: Wanted): Promise<boolean> {
    if (store.conversations.find(id)) return false;
    const at = clock.now();
    const who = { id, userId, locale, conversation: id, channel: DIRECT_LINE };
    const begin = serial === undefined ? undefined : newSession({ ...who, serial }, at);
    const opening = begin ? { begin, sessionId: id } : { open: { id, userId, locale, startedAt: at } };
    const turn: Turn = { conversation: id, ...opening, replies: [], at };
    const isSession = begin !== undefined;
    const conversation = { id, userId, locale, session: begin && sessionOf(begin), isSession };
    const joined = { type: "conversationUpdate", membersAdded: [{ id: userId, name: "" }] };
    await run(deps, { turn, conversation, activity: framed(joined, conversation, "guest"), cue: "hear" });
    return true;
  }

  async function hear(id: string, activity: Partial<Activity>, clientId?: string): Promise<Receipt> {
    const known = clientId === undefined ? undefined : store.activities.idOf(id, clientId);
    if (known) return { id: known };
    for (let runs = 0; runs < MAX_RUNS; runs++) {
      const conversation = store.conversations.find(id);
      if (!conversation) return "unknown";
      if (conversation.isSession && isOver(conversation.session)) return "ended";
      if (store.activities.last(id) >= MAX_ACTIVITIES) return "full";
      const incoming = framed(activity, conversation, "guest");
      const turn: Turn = {
        conversation: id,
        incoming,
        ...(clientId ? { clientId } : {}),
        replies: [],
        at: clock.now(),
      };
      stageHearing(turn, conversation.session);
      const said = await run(deps, { turn, conversation, activity: { ...incoming }, cue: "hear" });
      if (said === "failed") return "failed";
      if (said?.[0]) return { id: said[0].id };
    }
    return "ended";
  }

  async function stayAwake(id: string, locale?: string): Promise<void> {
    const session = store.conversations.find(id)?.session;
    if (session && !isOver(session)) await store.sessions.change(session.id, heardNow(session, clock.now(), locale));
  }

  async function attend(sessionId: string): Promise<void> {
    const session = store.sessions.find(sessionId);
    const at = clock.now();
    if (!session || session.dueAt === null || session.dueAt > at) return;
    const conversation = store.conversations.find(session.conversation);
    if (!conversation) return;
    const change: SessionChange = session.warned ? { to: "abandoned", at } : { to: "warned", dueAt: at + WARNING_MS };
    const turn: Turn = { conversation: conversation.id, sessionId, change, replies: [], at };
    const woken = framed({ type: "event" }, { ...conversation, session }, "guest");
    await run(deps, { turn, conversation, activity: woken, cue: session.warned ? "close" : "warn" });
  }

  return {
    /** Begins a conversation and lets the bot speak first; false when it has begun before. */
    begin: (wanted: Wanted) => inOrder(wanted.id, () => start(wanted)),

    /**
     * Takes one message of the guest. Resolves when it and the bot's answer are on disk; the same `clientId` twice is
     * one turn. `"ended"` when the session takes no more, `"unknown"` when it never began, `"full"` when too much was
     * said, `"failed"` when the bot broke down and said so.
     */
    receive: (conversation: string, activity: Partial<Activity>, clientId?: string) =>
      inOrder(conversation, () => hear(conversation, activity, clientId)),

    /** The guest is there, though nothing was said. */
    stayAwake: (conversation: string, locale?: string) => inOrder(conversation, () => stayAwake(conversation, locale)),

    /** Warns the guest of a session that is due, or closes it. */
    attend: ({ id, conversation }: Session) => inOrder(conversation, () => attend(id)),
  };
}

type Run = { turn: Turn; conversation: Conversation; activity: Partial<Activity>; cue: Cue };

/**
 * Lets the bot answer and commits the turn; `undefined` when another change of the session was first, `"failed"` when
 * the bot broke down: then what it wanted to do is dropped, and the guest is told.
 */
async function run(deps: Deps, { turn, conversation, activity, cue }: Run) {
  const runBot = await deps.bot();
  const open: OpenTurn = { turn, conversation, begin: (link) => beginSession(deps, open, link) };
  const { clientId: _, ...apology }: Turn = { ...turn, replies: [apologyIn(activity.locale)] };
  try {
    await runBot(open, activity, cue);
  } catch (err) {
    deps.log.error({ err, conversation: conversation.id }, "turn failed");
    return (await commit(deps, { turn: apology, conversation })) && "failed";
  }
  return commit(deps, open);
}

async function commit(deps: Deps, { turn, conversation }: Pick<OpenTurn, "turn" | "conversation">) {
  const { store, onChange, onActivities } = deps;
  turn.replies = turn.replies.map((reply) => framed(reply, conversation, "bot"));
  const said = await store.commitTurn(turn);
  if (!said) return undefined;
  const { session, isSession } = conversation;
  const ends = turn.change?.to === "ended" || turn.change?.to === "abandoned";
  if (turn.change && session) onChange(session, turn.change);
  onActivities(turn.conversation, said, isSession && ends);
  return said;
}

/** In a conversation without a pod: the guest sent the link of a card. */
function beginSession({ resolve }: Deps, open: OpenTurn, link: string): boolean {
  const { turn, conversation } = open;
  const device = conversation.isSession ? undefined : resolve(link);
  if (!device) return false;
  const { id, userId, locale } = conversation;
  const who = { id: randomUUIDv7(), serial: device.serial, userId, locale, conversation: id, channel: DIRECT_LINE };
  turn.begin = newSession(who, turn.at);
  turn.sessionId = who.id;
  delete turn.change;
  open.conversation = { ...conversation, session: sessionOf(turn.begin) };
  return true;
}

function stageHearing(turn: Turn, session: Session | undefined): void {
  if (!session || isOver(session)) return;
  turn.sessionId = session.id;
  turn.change = heardNow(session, turn.at, turn.incoming?.locale);
}

function apologyIn(locale = ""): Partial<Activity> {
  return { type: "message", text: message(languageOf(locale) ?? FALLBACK, "bot.failed") };
}
