import { randomUUIDv7 } from "node:crypto";
import type { Activity } from "botbuilder";
import type { Device } from "../device-db/contract.ts";
import { failpoint } from "../plumbing/failpoint.ts";
import type { Log } from "../plumbing/log.ts";
import type { StoredActivity } from "./activity-store.ts";
import { type Conversation, DIRECT_LINE } from "./conversation-store.ts";
import { framed } from "./framed.ts";
import { FALLBACK, languageOf } from "./languages.ts";
import type { Cue, OpenTurn } from "./local-adapter.ts";
import { message } from "./messages.ts";
import { type IdleTimes, isOver, newSession, type Session, type SessionChange, sessionOf } from "./session.ts";
import type { BotStore, Turn } from "./store.ts";

export type TurnDeps = {
  store: BotStore;
  /** Resolves with the bot, which is loaded after the listeners are up. */
  bot: () => Promise<(open: OpenTurn, activity: Partial<Activity>, cue: Cue) => Promise<void>>;
  /** The device of a genuine link. */
  resolve: (link: string) => Device | undefined;
  /** These were said and are on disk; nothing follows the last ones. */
  onActivities: (conversation: string, activities: StoredActivity[], areLast: boolean) => void;
  /** This change of a session is on disk. */
  onChange: (session: Session, change: SessionChange) => void;
  idle: IdleTimes;
  log: Log;
};

type Run = { turn: Turn; conversation: Conversation; activity: Partial<Activity>; cue: Cue };

/**
 * Lets the bot answer and commits the turn; `undefined` when another change of the session was first, `"failed"` when
 * the bot broke down: then what it wanted to do is dropped, and the guest is told.
 */
export async function runTurn(deps: TurnDeps, { turn, conversation, activity, cue }: Run) {
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

type Ready = Pick<OpenTurn, "turn" | "conversation" | "superseded">;

async function commit(deps: TurnDeps, { turn, conversation, superseded }: Ready) {
  const { store, onChange, onActivities } = deps;
  turn.replies = turn.replies.map((reply) => framed(reply, conversation, "bot"));
  failpoint("bot.turn-decided");
  const said = await store.commitTurn(turn);
  failpoint("bot.turn-committed");
  if (!said) return undefined;
  const { session, isSession } = conversation;
  const ends = turn.change?.to === "ended" || turn.change?.to === "abandoned";
  if (superseded) onChange(superseded, { to: "abandoned", at: turn.at });
  if (turn.change && session) onChange(session, turn.change);
  onActivities(turn.conversation, said, isSession && ends);
  return said;
}

/** In a conversation without a pod: the guest sent the link of a card. */
function beginSession({ resolve, idle }: TurnDeps, open: OpenTurn, link: string): boolean {
  const { turn, conversation } = open;
  const device = conversation.isSession ? undefined : resolve(link);
  if (!device) return false;
  const { id, userId, locale } = conversation;
  const who = { id: randomUUIDv7(), serial: device.serial, userId, locale, conversation: id, channel: DIRECT_LINE };
  turn.begin = newSession(who, turn.at, idle);
  turn.sessionId = who.id;
  delete turn.change;
  if (conversation.session && !isOver(conversation.session)) open.superseded = conversation.session;
  open.conversation = { ...conversation, session: sessionOf(turn.begin) };
  return true;
}

function apologyIn(locale = ""): Partial<Activity> {
  return { type: "message", text: message(languageOf(locale) ?? FALLBACK, "bot.failed") };
}
