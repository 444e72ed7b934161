import { randomUUIDv7 } from "node:crypto";
import type { Activity } from "botbuilder";
import type { Clock } from "../plumbing/clock.ts";
import type { OpenTurn } from "./local-adapter.ts";
import type { NewSession, Session, SessionChange } from "./session-store.ts";
import type { BotStore, StoredActivity, Turn } from "./store.ts";

const CHANNEL = "directline";
/** How long a command may wait for its pod: a guest stands beside it. */
const COMMAND_LIFE_MS = 120_000;
/** A lost race means that the session has moved on, so the second run finds it as it is. */
const MAX_RUNS = 2;

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
export function createTurns({ store, bot, onActivities, onChange, clock }: Deps) {
  const queues = new Map<string, Promise<unknown>>();

  function inOrder<T>(conversation: string, work: () => Promise<T>): Promise<T> {
    const earlier = queues.get(conversation);
    const mine = earlier ? earlier.then(work, work) : work();
    queues.set(conversation, mine);
    const forget = () => queues.get(conversation) === mine && queues.delete(conversation);
    mine.then(forget, forget);
    return mine;
  }

  async function run(turn: Turn, session: Session, activity: Partial<Activity>): Promise<StoredActivity[] | undefined> {
    const runBot = await bot();
    await runBot({ turn, session, newCommand: (scent) => newCommand(session, scent, turn.at) }, activity);
    turn.replies = turn.replies.map((reply) => framed(reply, session, "bot"));
    const said = await store.commitTurn(turn);
    if (!said) return undefined;
    if (turn.change) onChange(session, turn.change);
    onActivities(turn.conversation, said);
    return said;
  }

  return {
    /** Begins a session and asks the question; false when it has begun before. */
    begin: (wanted: { id: string; serial: string; userId: string; locale: string }): Promise<boolean> =>
      inOrder(wanted.id, async () => {
        if (store.sessions.find(wanted.id)) return false;
        const at = clock.now();
        const { id, serial, userId } = wanted;
        const begin: NewSession = { id, serial, userId, channel: CHANNEL, conversation: id, startedAt: at };
        const session: Session = { ...begin, state: "started", answer: null, scent: null, endedAt: null };
        const turn: Turn = { conversation: id, begin, replies: [], at };
        const joined = { type: "conversationUpdate", membersAdded: [{ id: userId, name: "" }], locale: wanted.locale };
        await run(turn, session, framed(joined, session, "guest"));
        return true;
      }),

    /**
     * Takes one activity of the guest. Resolves with its id when it and the bot's answer are on disk; the same
     * `clientId` twice is one turn. `"ended"` when the session takes no more.
     */
    receive: (
      conversation: string,
      activity: Partial<Activity>,
      clientId: string | undefined,
    ): Promise<string | "ended"> =>
      inOrder(conversation, async () => {
        const known = clientId === undefined ? undefined : store.knownActivity(conversation, clientId);
        if (known) return known;
        for (let runs = 0; runs < MAX_RUNS; runs++) {
          const session = store.sessions.find(conversation);
          if (!session || session.state === "ended") return "ended";
          const incoming = framed(activity, session, "guest");
          const turn: Turn = {
            conversation,
            incoming,
            ...(clientId ? { clientId } : {}),
            replies: [],
            at: clock.now(),
          };
          const said = await run(turn, session, structuredClone(incoming));
          if (said?.[0]) return said[0].id;
        }
        return "ended";
      }),
  };
}

export function newCommand(session: Pick<Session, "id" | "serial">, scent: string, issuedAt: number) {
  return {
    id: randomUUIDv7(),
    sessionId: session.id,
    serial: session.serial,
    scent,
    issuedAt,
    expiresAt: issuedAt + COMMAND_LIFE_MS,
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
