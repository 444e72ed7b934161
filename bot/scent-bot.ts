import {
  ActionTypes,
  type Activity,
  ActivityHandler,
  ActivityTypes,
  EndOfConversationCodes,
  InputHints,
  type TurnContext,
} from "botbuilder";
import type { Scent } from "../device-sim/contract.ts";
import type { MessageKey } from "./catalogs.ts";
import { FALLBACK, type Language, languageOf } from "./languages.ts";
import { message } from "./messages.ts";
import { choicesIn, questionIn, readAnswer, readStart } from "./question.ts";
import type { Session } from "./session.ts";

/** How a channel keeps the sessions that the bot talks in. */
export type TurnSessions = {
  current(context: TurnContext): Session | undefined;
  /** Begins a session for the pod of a launch link; false when the link is not genuine. */
  begin(context: TurnContext, link: string): Promise<boolean>;
  asked(context: TurnContext): Promise<boolean>;
  /** The guest said something that is no answer. */
  heard(context: TurnContext): Promise<unknown>;
  /** Takes the answer and ends the session; false when another answer was first. */
  end(context: TurnContext, answer: string, scent: Scent): Promise<boolean>;
};

/** Asks one question and takes one answer. What it may rely on is the session in the store, never its own memory. */
export class ScentBot extends ActivityHandler {
  readonly #sessions: TurnSessions;

  constructor(sessions: TurnSessions) {
    super();
    this.#sessions = sessions;
    this.onMembersAdded(async (context, next) => {
      const { membersAdded = [], recipient } = context.activity;
      if (membersAdded.some((member) => member.id !== recipient.id)) await this.#greet(context);
      await next();
    });
    this.onMessage(async (context, next) => {
      await this.#hear(context);
      await next();
    });
  }

  /** Speaks first: the session closes soon, unless its guest is heard. */
  async warn(context: TurnContext): Promise<void> {
    await say(context, "bot.stillThere");
    await context.sendActivity(question(context));
  }

  /** Speaks first: the session has closed without an answer. */
  close(context: TurnContext): Promise<void> {
    return end(context, message(languageIn(context), "bot.timedOut"), EndOfConversationCodes.BotTimedOut);
  }

  async #greet(context: TurnContext): Promise<void> {
    const session = this.#sessions.current(context);
    if (!session) await say(context, "bot.scanCard");
    else if (session.state === "started") await this.#ask(context);
  }

  async #hear(context: TurnContext): Promise<void> {
    const link = readStart(context.activity.text);
    if (link) return this.#start(context, link);
    const session = this.#sessions.current(context);
    if (!session) return say(context, "bot.scanCard");
    if (session.state === "ended") return say(context, "bot.alreadyChosen");
    if (session.state === "abandoned") return say(context, "bot.timedOut");
    if (session.state === "started") return this.#ask(context);
    const scent = readAnswer(context.activity.text, context.activity.value);
    if (!scent) {
      await this.#sessions.heard(context);
      return askAfter(context, "bot.notUnderstood");
    }
    const answer = context.activity.text || scent;
    if (await this.#sessions.end(context, answer, scent)) return bidFarewell(context, scent);
    return say(context, "bot.alreadyChosen");
  }

  async #start(context: TurnContext, link: string): Promise<void> {
    if (await this.#sessions.begin(context, link)) return this.#ask(context);
    return say(context, "bot.scanCard");
  }

  async #ask(context: TurnContext): Promise<void> {
    if (await this.#sessions.asked(context)) await context.sendActivity(question(context));
  }
}

async function say(context: TurnContext, key: MessageKey): Promise<void> {
  await context.sendActivity(message(languageIn(context), key));
}

/** The question comes last: clients show the choices of the last message only. */
async function askAfter(context: TurnContext, key: MessageKey): Promise<void> {
  await context.sendActivity(question(context, `${message(languageIn(context), key)} `));
}

async function bidFarewell(context: TurnContext, scent: Scent): Promise<void> {
  const text = message(languageIn(context), "bot.thanks", { scent });
  await end(context, text, EndOfConversationCodes.CompletedSuccessfully);
}

async function end(context: TurnContext, text: string, code: EndOfConversationCodes): Promise<void> {
  await context.sendActivities([
    { type: ActivityTypes.Message, text, inputHint: InputHints.IgnoringInput },
    { type: ActivityTypes.EndOfConversation, code },
  ]);
}

function question(context: TurnContext, before = ""): Partial<Activity> {
  const language = languageIn(context);
  const actions = choicesIn(language).map(({ scent, letter, name }) => ({
    type: ActionTypes.MessageBack,
    title: `${letter}) ${name}`,
    text: scent,
    displayText: name,
    value: { choice: scent },
  }));
  return {
    type: ActivityTypes.Message,
    text: `${before}${questionIn(language)}`,
    inputHint: InputHints.ExpectingInput,
    suggestedActions: { to: [context.activity.from.id], actions },
  };
}

function languageIn({ activity }: TurnContext): Language {
  return languageOf(activity.locale ?? "") ?? FALLBACK;
}
