import { createGuest, NotTakenError, type SeenActivity } from "../guest.ts";
import { type Button, pickButton } from "./buttons.ts";
import type { ScenarioGuest } from "./guest.ts";
import { heardIn } from "./heard.ts";

/** A guest of a scenario as a program: it asks for the page, and talks by Direct Line as the page's script does. */
export function createHttpGuest(launchUrl: string, onWait: (seconds: number) => void): ScenarioGuest {
  const guest = createGuest(launchUrl, onWait);
  let speaks: { locale?: string } = {};

  const say = (words: Parameters<typeof guest.say>[0]) => refusalOf(guest.say({ ...words, ...speaks }));
  const tapOne = ({ name, scent }: Button) => say({ text: name, value: { choice: scent } });

  return {
    scan: async (language) => {
      speaks = language === undefined ? {} : { locale: language };
      const page = await guest.openPage(language);
      // From the page of a session that is over a link leads to the next one.
      if (asksIn(page) || isOverIn(page)) return guest.begin(language);
      throw new Error("The page asks nothing.");
    },
    reload: async () => {
      if (asksIn(await guest.openPage())) await guest.begin(speaks.locale);
    },
    heard: async () => heardIn(await guest.read()),
    say: (text) => say({ text }),
    tap: async (wanted) => {
      const buttons = buttonsIn(await guest.read());
      return Promise.all(wanted.map((one) => pickButton(buttons, one)).map(tapOne));
    },
    view: guest.session,
    close: async () => undefined,
  };
}

function asksIn(page: string): boolean {
  return page.includes("<form");
}

function isOverIn(page: string): boolean {
  return /data-stage="(sent|ended|closed)"/.test(page);
}

/** Why it was not taken, if it was not. */
async function refusalOf(saying: Promise<unknown>): Promise<string | undefined> {
  try {
    await saying;
    return undefined;
  } catch (error) {
    if (error instanceof NotTakenError) return error.reason;
    throw error;
  }
}

/** The buttons that the bot sent last. */
function buttonsIn(activities: readonly SeenActivity[]): Button[] {
  const actions = activities.findLast(({ suggestedActions }) => suggestedActions)?.suggestedActions?.actions ?? [];
  return actions.map(({ title, displayText = title, text = title, value }) => ({
    scent: (value as { choice?: string } | undefined)?.choice ?? text,
    name: displayText,
    title,
  }));
}
