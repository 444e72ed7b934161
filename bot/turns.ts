import type { Activity } from "botbuilder";
import type { Clock } from "../plumbing/clock.ts";
import { failpoint } from "../plumbing/failpoint.ts";
import { createQueues } from "../plumbing/queues.ts";
import { MAX_ACTIVITIES } from "./activity-store.ts";
import { DIRECT_LINE, hasEnded } from "./conversation-store.ts";
import { framed } from "./framed.ts";
import { changeWhenDue, heardNow, isOver, newSession, type Session, sessionOf } from "./session.ts";
import type { Turn } from "./store.ts";
import { runTurn, type TurnDeps } from "./turn.ts";

/** A conversation to begin, for the guest and the pod of a token; without a pod it is no session yet. */
type Wanted = { id: string; serial?: string | undefined; userId: string; locale: string };

type Receipt = { id: string } | "ended" | "unknown" | "full" | "failed";

type Deps = TurnDeps & { clock: Clock };

export type Turns = ReturnType<typeof createTurns>;

/** Runs the bot's turns on the bundled Direct Line: one at a time per conversation, each committed as a whole. */
export function createTurns(deps: Deps) {
  const inOrder = createQueues();

  return {
    /** Begins a conversation and lets the bot speak first; false when it has begun before. */
    begin: (wanted: Wanted) => inOrder(wanted.id, () => start(deps, wanted)),

    /**
     * Takes one message of the guest. Resolves when it and the bot's answer are on disk; the same `clientId` twice is
     * one turn. `"ended"` when the session takes no more, `"unknown"` when it never began, `"full"` when too much was
     * said, `"failed"` when the bot broke down and said so.
     */
    receive: (conversation: string, activity: Partial<Activity>, clientId?: string) =>
      inOrder(conversation, () => hear(deps, conversation, { activity, clientId })),

    /** The guest is there, though nothing was said. */
    stayAwake: (conversation: string, locale?: string) =>
      inOrder(conversation, () => stayAwake(deps, conversation, locale)),

    /** Warns the guest of a session that is due, or closes it. */
    attend: ({ id, conversation }: Session) => inOrder(conversation, () => attend(deps, id)),
  };
}

async function start(deps: Deps, { id, serial, userId, locale }: Wanted): Promise<boolean> {
  if (deps.store.conversations.find(id)) return false;
  const at = deps.clock.now();
  const who = { id, userId, locale, conversation: id, channel: DIRECT_LINE };
  const begin = serial === undefined ? undefined : newSession({ ...who, serial }, at, deps.idle);
  const opening = begin ? { begin, sessionId: id } : { open: { id, userId, locale, startedAt: at } };
  const turn: Turn = { conversation: id, ...opening, replies: [], at };
  const conversation = { id, userId, locale, session: begin && sessionOf(begin), isSession: begin !== undefined };
  const joined = { type: "conversationUpdate", membersAdded: [{ id: userId, name: "" }] };
  await runTurn(deps, { turn, conversation, activity: framed(joined, conversation, "guest"), cue: "hear" });
  return true;
}

type Message = { activity: Partial<Activity>; clientId: string | undefined };

async function hear(deps: Deps, id: string, { activity, clientId }: Message): Promise<Receipt> {
  const { store, clock } = deps;
  const known = clientId === undefined ? undefined : store.activities.idOf(id, clientId);
  if (known) return { id: known };
  const conversation = store.conversations.find(id);
  if (!conversation) return "unknown";
  if (hasEnded(conversation)) return "ended";
  if (store.activities.last(id) >= MAX_ACTIVITIES) return "full";
  const incoming = framed(activity, conversation, "guest");
  const turn: Turn = { conversation: id, incoming, ...(clientId ? { clientId } : {}), replies: [], at: clock.now() };
  stageHearing(deps, turn, conversation.session);
  failpoint("bot.activity-received");
  const said = await runTurn(deps, { turn, conversation, activity: { ...incoming }, cue: "hear" });
  if (said === "failed") return "failed";
  return said?.[0] ? { id: said[0].id } : "ended";
}

function stageHearing({ idle }: Deps, turn: Turn, session: Session | undefined): void {
  if (!session || isOver(session)) return;
  turn.sessionId = session.id;
  turn.change = heardNow(session, { at: turn.at, locale: turn.incoming?.locale }, idle);
}

async function stayAwake({ store, idle, clock }: Deps, id: string, locale?: string): Promise<void> {
  const session = store.conversations.find(id)?.session;
  if (!session || isOver(session)) return;
  await store.sessions.change(session.id, heardNow(session, { at: clock.now(), locale }, idle));
}

async function attend(deps: Deps, sessionId: string): Promise<void> {
  const at = deps.clock.now();
  const session = deps.store.sessions.find(sessionId);
  if (!session || session.dueAt === null || session.dueAt > at) return;
  const conversation = deps.store.conversations.find(session.conversation);
  if (!conversation) return;
  const change = changeWhenDue(session, at, deps.idle);
  const turn: Turn = { conversation: conversation.id, sessionId, change, replies: [], at };
  const woken = framed({ type: "event" }, { ...conversation, session }, "guest");
  await runTurn(deps, { turn, conversation, activity: woken, cue: session.warned ? "close" : "warn" });
}
