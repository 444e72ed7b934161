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
import { CHOICES, QUESTION, readAnswer, readStart } from "./question.ts";
import type { Session } from "./session-store.ts";

/** How a channel keeps the sessions that the bot talks in. */
export type TurnSessions = {
  current(context: TurnContext): Session | undefined;
  /** Begins a session for the pod of a launch link; false when the link is not genuine. */
  begin(context: TurnContext, link: string): Promise<boolean>;
  asked(context: TurnContext): Promise<boolean>;
  /** Takes the answer and ends the session; false when another answer was first. */
  end(context: TurnContext, answer: string, scent: Scent): Promise<boolean>;
};

const SCAN_THE_CARD = "Please scan the card in your room again, so that I know which scent diffuser is yours.";
const NOT_UNDERSTOOD = `Sorry, I did not understand that. ${QUESTION}`;
const ALREADY_CHOSEN = "You have chosen already. Scan the card again to choose another scent.";

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

  async #greet(context: TurnContext): Promise<void> {
    const session = this.#sessions.current(context);
    if (!session) await context.sendActivity(SCAN_THE_CARD);
    else if (session.state === "started") await this.#ask(context);
  }

  async #hear(context: TurnContext): Promise<void> {
    const link = readStart(context.activity.text);
    if (link) return this.#start(context, link);
    const session = this.#sessions.current(context);
    if (!session) return say(context, SCAN_THE_CARD);
    if (session.state === "ended") return say(context, ALREADY_CHOSEN);
    if (session.state === "started") return this.#ask(context);
    const scent = readAnswer(context.activity.text, context.activity.value);
    if (!scent) return say(context, questionFor(context, NOT_UNDERSTOOD));
    const answer = context.activity.text || scent;
    if (await this.#sessions.end(context, answer, scent)) return bidFarewell(context, scent);
    return say(context, ALREADY_CHOSEN);
  }

  async #start(context: TurnContext, link: string): Promise<void> {
    if (await this.#sessions.begin(context, link)) return this.#ask(context);
    return say(context, SCAN_THE_CARD);
  }

  async #ask(context: TurnContext): Promise<void> {
    if (await this.#sessions.asked(context)) await context.sendActivity(questionFor(context, QUESTION));
  }
}

async function say(context: TurnContext, what: string | Partial<Activity>): Promise<void> {
  await context.sendActivity(what);
}

async function bidFarewell(context: TurnContext, scent: Scent): Promise<void> {
  const thanks = `Thank you. I am asking your AromaPod for ${scent}.`;
  await context.sendActivities([
    { type: ActivityTypes.Message, text: thanks, inputHint: InputHints.IgnoringInput },
    { type: ActivityTypes.EndOfConversation, code: EndOfConversationCodes.CompletedSuccessfully },
  ]);
}

function questionFor(context: TurnContext, text: string): Partial<Activity> {
  const actions = CHOICES.map(({ scent, letter, name }) => ({
    type: ActionTypes.MessageBack,
    title: `${letter}) ${name}`,
    text: scent,
    displayText: name,
    value: { choice: scent },
  }));
  const suggestedActions = { to: [context.activity.from.id], actions };
  return { type: ActivityTypes.Message, text, inputHint: InputHints.ExpectingInput, suggestedActions };
}
