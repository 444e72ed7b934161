import { randomUUIDv7 } from "node:crypto";
import type { Activity, TurnContext } from "botbuilder";
import type { Device } from "../device-db/contract.ts";
import type { Clock } from "../plumbing/clock.ts";
import { newCommand } from "./commands.ts";
import { DIRECT_LINE } from "./conversation-store.ts";
import { FALLBACK } from "./languages.ts";
import type { TurnSessions } from "./scent-bot.ts";
import { heardNow, type IdleTimes, isOver, newSession, type Session, type SessionChange } from "./session.ts";
import type { SessionStore } from "./session-store.ts";

type Deps = {
  store: SessionStore;
  /** The device of a genuine link. */
  resolve: (link: string) => Device | undefined;
  onChange: (session: Session, change: SessionChange) => void;
  idle: IdleTimes;
  clock: Clock;
};

/** Sessions on Azure's channels and the Emulator: one conversation holds many, one after the other; the newest counts. */
export function createChannelSessions({ store, resolve, onChange, idle, clock }: Deps): TurnSessions {
  /** In a group an answer is its guest's own. */
  function current({ activity }: TurnContext): Session | undefined {
    const session = store.latest(channelOf(activity), activity.conversation.id);
    return session?.userId === activity.from.id ? session : undefined;
  }

  async function change(context: TurnContext, wanted: (session: Session) => SessionChange): Promise<boolean> {
    const session = current(context);
    if (!session) return false;
    const made = wanted(session);
    const isFirst = await store.change(session.id, made);
    if (isFirst) onChange(session, made);
    return isFirst;
  }

  return {
    current,

    async begin({ activity }, link) {
      const device = resolve(link);
      if (!device) return false;
      const at = clock.now();
      const [channel, conversation] = [channelOf(activity), activity.conversation.id];
      const superseded = store.latest(channel, conversation);
      const { serial } = device;
      const guest = { userId: activity.from.id, locale: activity.locale ?? FALLBACK };
      await store.begin(newSession({ id: randomUUIDv7(), serial, channel, conversation, ...guest }, at, idle));
      if (superseded && !isOver(superseded)) onChange(superseded, { to: "abandoned", at });
      return true;
    },

    heard: (context) => change(context, (session) => heardNow(session, { at: clock.now() }, idle)),

    asked: (context) => change(context, () => ({ to: "asked" })),

    end(context, answer, scent) {
      const at = clock.now();
      return change(context, (session) => ({
        to: "ended",
        answer,
        scent,
        at,
        command: newCommand(session, scent, at),
      }));
    },
  };
}

/** Azure's Direct Line is another than the bundled one, whose guests are known by tokens: what it is told here is none of theirs. */
function channelOf({ channelId }: Activity): string {
  return channelId === DIRECT_LINE ? `azure-${channelId}` : channelId;
}
