import { randomUUIDv7 } from "node:crypto";
import type { TurnContext } from "botbuilder";
import type { Device } from "../device-db/contract.ts";
import type { Clock } from "../plumbing/clock.ts";
import { newCommand } from "./commands.ts";
import { FALLBACK } from "./languages.ts";
import type { TurnSessions } from "./scent-bot.ts";
import { heardNow, newSession, type Session, type SessionChange, type SessionStore } from "./session-store.ts";

type Deps = {
  store: SessionStore;
  /** The device of a genuine link. */
  resolve: (link: string) => Device | undefined;
  onChange: (session: Session, change: SessionChange) => void;
  clock: Clock;
};

/** Sessions on Azure's channels and the Emulator: one conversation holds many, one after the other; the newest counts. */
export function createChannelSessions({ store, resolve, onChange, clock }: Deps): TurnSessions {
  const current = ({ activity }: TurnContext) => store.latest(activity.channelId, activity.conversation.id);

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
      const who = {
        id: randomUUIDv7(),
        serial: device.serial,
        channel: activity.channelId,
        conversation: activity.conversation.id,
        userId: activity.from.id,
        locale: activity.locale ?? FALLBACK,
      };
      await store.begin(newSession(who, clock.now()));
      return true;
    },

    heard: (context) => change(context, (session) => heardNow(session, clock.now())),

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
