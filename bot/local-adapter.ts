import { type Activity, BotAdapter, type ResourceResponse, TurnContext } from "botbuilder";
import { ScentBot, type TurnSessions } from "./scent-bot.ts";
import type { NewCommand, Session } from "./session-store.ts";
import type { Turn } from "./store.ts";

/** A turn in the making: the bot's replies and its change gather here and are committed together. */
export type OpenTurn = { turn: Turn; session: Session; newCommand: (scent: string) => NewCommand };

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
    return Promise.reject(new Error("This bot speaks only when spoken to."));
  }

  async run(open: OpenTurn, activity: Partial<Activity>, bot: ScentBot): Promise<void> {
    const context = new TurnContext(this, activity);
    context.turnState.set(OPEN_TURN, open);
    await this.runMiddleware(context, (inner) => bot.run(inner));
  }
}

/** The bot on Direct Line. Its changes are staged only: the commit of the turn decides whether they came first. */
export function createLocalBot(): (open: OpenTurn, activity: Partial<Activity>) => Promise<void> {
  const adapter = new LocalAdapter();
  const sessions: TurnSessions = {
    current: (context) => openTurnOf(context).session,
    begin: async () => false,
    asked: async (context) => {
      openTurnOf(context).turn.change = { to: "asked" };
      return true;
    },
    end: async (context, answer, scent) => {
      const { turn, newCommand } = openTurnOf(context);
      turn.change = { to: "ended", answer, scent, at: turn.at, command: newCommand(scent) };
      return true;
    },
  };
  const bot = new ScentBot(sessions);
  return (open, activity) => adapter.run(open, activity, bot);
}

function openTurnOf(context: TurnContext): OpenTurn {
  return context.turnState.get(OPEN_TURN) as OpenTurn;
}
