/** Takes the steps of a scenario. */
import { setTimeout as delay } from "node:timers/promises";
import { createChat, ONLY_GUEST } from "./chat.ts";
import { type Action, isGuestAction, type Step } from "./contract.ts";
import type { Controls } from "./controls.ts";
import type { Words } from "./expect.ts";
import { ExpectationError } from "./expectation-error.ts";
import { rounded } from "./facts.ts";
import type { ScenarioGuest } from "./guest.ts";
import type { Target } from "./look.ts";
import type { Check } from "./outcome.ts";
import { actionOf, stepName } from "./step-name.ts";

/** On what a scenario is played. */
export type Stage = {
  target: Target;
  openPhone: (guest: string) => Promise<ScenarioGuest>;
  /** Absent where others own the kit. */
  controls: Controls | undefined;
};

/** What the steps of one run have in common. */
export type Ground = {
  stage: Stage;
  chat: ReturnType<typeof createChat>;
  /** The hotel's commands, by their ids. */
  commands: string[];
  words: Words;
};

export function createGround(stage: Stage): Ground {
  return { stage, chat: createChat(stage.openPhone), commands: [], words: { serial: stage.target.serial } };
}

export async function takeStep(step: Step, ground: Ground): Promise<Check> {
  const check = await checkOf(stepName(step), () => ACTORS[actionOf(step)](step, ground));
  return { ...check, ...(await pictureOf(step, ground.chat)) };
}

/** What each guest sees at the end, where the phone can be looked at. */
export async function takeLastLooks({ chat }: Ground): Promise<Check[]> {
  const looks = chat.sessions().map(async ({ guest, phone }) => {
    const begin = performance.now();
    const picture = await photographed(phone);
    const name = `${guest === ONLY_GUEST ? "the guest" : guest} looks at the phone once more`;
    return { name, ok: true, ms: rounded(performance.now() - begin), ...picture };
  });
  return (await Promise.all(looks)).filter(({ screenshot }) => screenshot !== undefined);
}

/** A failure if the bot has said something that no step has heard; nothing to tell otherwise. */
export async function checkSilence({ chat }: Ground): Promise<Check[]> {
  const check = await checkOf("the bot says no more", () => chat.heardAll());
  return check.ok === true ? [] : [check];
}

async function checkOf(name: string, work: () => Promise<string | void>): Promise<Check> {
  const begin = performance.now();
  const took = () => rounded(performance.now() - begin);
  try {
    const detail = await work();
    return { name, ok: true, ms: took(), ...(detail ? { detail } : {}) };
  } catch (failure) {
    const { message: detail } = failure as Error;
    const differences = failure instanceof ExpectationError ? failure.differences : [];
    return { name, ok: false, ms: took(), detail, ...(differences.length > 0 ? { differences } : {}) };
  }
}

type Actor = (step: Step, ground: Ground) => Promise<string | void>;

const ACTORS: Record<Action, Actor> = {
  scan: async (step, { chat }) => (await chat.talkOf(step)).scan(step),
  reload: async (step, { chat }) => (await chat.talkOf(step)).phone.reload(),
  hear: async (step, { chat }) => (await chat.talkOf(step)).hear(step),
  ends: async (step, { chat }) => (await chat.talkOf(step)).ends(),
  say: async (step, { chat }) => (await chat.talkOf(step)).say(step),
  tap: async (step, { chat }) => (await chat.talkOf(step)).tap(step),
  wait: ({ wait = 0 }) => delay(wait),
  pod: ({ pod = "" }, { stage }) => controlsOf(stage).pod(pod),
  erp: ({ erp = "well" }, { stage }) => controlsOf(stage).erp(erp),
  async operator({ operator = "" }, { stage, commands, words }) {
    const { id, times } = await controlsOf(stage).operator(operator);
    commands.push(id);
    if (!times) return;
    const { from, to, timeZone } = times;
    Object.assign(words, { from, to });
    return `${from} to ${to}, as clocks show in ${timeZone}`;
  },
};

function controlsOf({ controls }: Stage): Controls {
  if (!controls) throw new Error("That can be done on a kit of its own only.");
  return controls;
}

/** What the phone shows after what its guest did or heard. */
async function pictureOf(step: Step, chat: Ground["chat"]): Promise<{ screenshot?: string }> {
  return isGuestAction(actionOf(step)) ? photographed(chat.phoneOf(step)) : {};
}

async function photographed(phone: ScenarioGuest | undefined): Promise<{ screenshot?: string }> {
  // A picture that cannot be taken makes nothing untrue.
  const png = await phone?.screenshot?.().catch(() => undefined);
  return png ? { screenshot: Buffer.from(png).toString("base64") } : {};
}
