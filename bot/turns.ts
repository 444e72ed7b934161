import type { Activity } from "botbuilder";
import type { Clock } from "../plumbing/clock.ts";
import type { StoredActivity } from "./activity-store.ts";
import { newCommand } from "./commands.ts";
import type { OpenTurn } from "./local-adapter.ts";
import type { NewSession, Session, SessionChange } from "./session-store.ts";
import type { BotStore, Turn } from "./store.ts";

const CHANNEL = "directline";
/** A lost race means that the session has moved on, so the second run finds it as it is. */
const MAX_RUNS = 2;

/** A session to begin, for the guest and the pod of a token. */
type Wanted = { id: string; serial: string; userId: string; locale: string };

type Receipt = { id: string } | "ended" | "unknown";

type Deps = {
  store: BotStore;
  /** Resolves with the bot, which is loaded after the listeners are up. */
  bot: () => Promise<(open: OpenTurn, activity: Partial<Activity>) => Promise<void>>;
  /** These were said and are on disk. */
  onActivities: (conversation: string, activities: StoredActivity[]) => void;
  /** This change of a session is on disk. */
  onChange: (session: Session, change: SessionChange) => void;
  clock: Clock;
};

export type Turns = ReturnType<typeof createTurns>;

/** Runs the bot's turns on the bundled Direct Line: one at a time per conversation, each committed as a whole. */
export function createTurns(deps: Deps) {
  const { store, clock } = deps;
  const inOrder = createQueues();

  async function start(wanted: Wanted): Promise<boolean> {
    if (store.sessions.find(wanted.id)) return false;
    const { begin, session } = newSession(wanted, clock.now());
    const joined = {
      type: "conversationUpdate",
      membersAdded: [{ id: wanted.userId, name: "" }],
      locale: wanted.locale,
    };
    const turn: Turn = { conversation: wanted.id, begin, replies: [], at: begin.startedAt };
    await run(deps, { turn, session, activity: framed(joined, session, "guest") });
    return true;
  }

  async function hear(conversation: string, activity: Partial<Activity>, clientId?: string): Promise<Receipt> {
    const known = clientId === undefined ? undefined : store.activities.idOf(conversation, clientId);
    if (known) return { id: known };
    for (let runs = 0; runs < MAX_RUNS; runs++) {
      const session = store.sessions.find(conversation);
      if (!session) return "unknown";
      if (session.state === "ended") return "ended";
      const incoming = framed(activity, session, "guest");
      const turn: Turn = { conversation, incoming, ...(clientId ? { clientId } : {}), replies: [], at: clock.now() };
      const said = await run(deps, { turn, session, activity: { ...incoming } });
      if (said?.[0]) return { id: said[0].id };
    }
    return "ended";
  }

  return {
    /** Begins a session and asks the question; false when it has begun before. */
    begin: (wanted: Wanted) => inOrder(wanted.id, () => start(wanted)),

    /**
     * Takes one activity of the guest. Resolves when it and the bot's answer are on disk; the same `clientId` twice is
     * one turn. `"ended"` when the session takes no more, `"unknown"` when it never began.
     */
    receive: (conversation: string, activity: Partial<Activity>, clientId?: string) =>
      inOrder(conversation, () => hear(conversation, activity, clientId)),
  };
}

type Run = { turn: Turn; session: Session; activity: Partial<Activity> };

/** Lets the bot answer and commits the turn; `undefined` when another change of the session was first. */
async function run({ bot, store, onChange, onActivities }: Deps, { turn, session, activity }: Run) {
  const runBot = await bot();
  await runBot({ turn, session, newCommand: (scent) => newCommand(session, scent, turn.at) }, activity);
  turn.replies = turn.replies.map((reply) => framed(reply, session, "bot"));
  const said = await store.commitTurn(turn);
  if (!said) return undefined;
  if (turn.change) onChange(session, turn.change);
  onActivities(turn.conversation, said);
  return said;
}

function newSession({ id, serial, userId }: Wanted, startedAt: number): { begin: NewSession; session: Session } {
  const begin: NewSession = { id, serial, userId, channel: CHANNEL, conversation: id, startedAt };
  return { begin, session: { ...begin, state: "started", answer: null, scent: null, endedAt: null } };
}

/** Runs work one after the other per key, and of different keys side by side. */
function createQueues() {
  const last = new Map<string, Promise<unknown>>();
  return <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const earlier = last.get(key);
    const mine = earlier ? earlier.then(work, work) : work();
    last.set(key, mine);
    const forget = () => {
      if (last.get(key) === mine) last.delete(key);
    };
    mine.then(forget, forget);
    return mine;
  };
}

/** Who speaks where is said by us, whatever the client or the bot put there. */
function framed(activity: Partial<Activity>, session: Session, speaker: "guest" | "bot"): Partial<Activity> {
  const guest = { id: session.userId, name: "", role: "user" };
  const bot = { id: `pod-${session.serial}`, name: "AromaPod", role: "bot" };
  return {
    locale: "en",
    ...activity,
    channelId: CHANNEL,
    conversation: { id: session.id, isGroup: false, conversationType: "", name: "" },
    from: speaker === "guest" ? guest : bot,
    recipient: speaker === "guest" ? bot : guest,
  };
}
