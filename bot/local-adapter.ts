import { type Activity, BotAdapter, type ResourceResponse, TurnContext } from "botbuilder";
import { newCommand } from "./commands.ts";
import type { Conversation } from "./conversation-store.ts";
import { ScentBot, type TurnSessions } from "./scent-bot.ts";
import type { Session } from "./session.ts";
import type { Turn } from "./store.ts";

/** A turn in the making: the bot's replies and its change gather here and are committed together. */
export type OpenTurn = {
  turn: Turn;
  conversation: Conversation;
  /** Begins a session for the pod of a link within this turn; false when the link is not good here. */
  begin: (link: string) => boolean;
  /** The session that such a beginning puts an end to. */
  superseded?: Session;
};

/** What the bot is to do: hear the activity, or speak first in a session that is about to close. */
export type Cue = "hear" | "warn" | "close";

const OPEN_TURN = Symbol("open turn");
const NOT_FOR_CLIENTS = new Set(["trace", "delay", "invokeResponse"]);

/** Runs the bot in this process for the bundled Direct Line: nothing is sent, everything said is gathered. */
class LocalAdapter extends BotAdapter {
  override async sendActivities(context: TurnContext, activities: Partial<Activity>[]): Promise<ResourceResponse[]> {
    const { turn } = openTurnOf(context);
    turn.replies.push(...activities.filter(({ type = "message" }) => !NOT_FOR_CLIENTS.has(type)));
    return activities.map(() => ({ id: "" }));
  }

  override updateActivity(): Promise<never> {
    return Promise.reject(new Error("This channel does not change what was said."));
  }

  override deleteActivity(): Promise<never> {
    return Promise.reject(new Error("This channel does not delete what was said."));
  }

  override continueConversation(): Promise<never> {
    return Promise.reject(new Error("This channel runs its turns itself."));
  }

  async run(open: OpenTurn, activity: Partial<Activity>, logic: (context: TurnContext) => Promise<void>) {
    const context = new TurnContext(this, activity);
    context.turnState.set(OPEN_TURN, open);
    await this.runMiddleware(context, logic);
  }
}

/** The bot on Direct Line. Its changes are staged only: the commit of the turn decides whether they came first. */
export function createLocalBot(): (open: OpenTurn, activity: Partial<Activity>, cue: Cue) => Promise<void> {
  const adapter = new LocalAdapter();
  const sessions: TurnSessions = {
    current: (context) => openTurnOf(context).conversation.session,
    begin: async (context, link) => openTurnOf(context).begin(link),
    asked: async (context) => {
      openTurnOf(context).turn.change = { to: "asked" };
      return true;
    },
    // Staged with the turn itself, before the bot hears of it.
    heard: async () => undefined,
    end: async (context, answer, scent) => {
      const { turn, conversation } = openTurnOf(context);
      if (!conversation.session) return false;
      const command = newCommand(conversation.session, scent, turn.at);
      turn.change = { to: "ended", answer, scent, at: turn.at, command };
      return true;
    },
  };
  const bot = new ScentBot(sessions);
  const logic = {
    hear: (context: TurnContext) => bot.run(context),
    warn: (context: TurnContext) => bot.warn(context),
    close: (context: TurnContext) => bot.close(context),
  };
  return (open, activity, cue) => adapter.run(open, activity, logic[cue]);
}

function openTurnOf(context: TurnContext): OpenTurn {
  return context.turnState.get(OPEN_TURN) as OpenTurn;
}
