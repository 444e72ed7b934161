/** Plays one scenario once, and keeps all evidence. */
import { setTimeout as delay } from "node:timers/promises";
import { createChat, ExpectationError } from "./chat.ts";
import { type Action, type Facts, isGuestAction, type Step } from "./contract.ts";
import type { Controls } from "./controls.ts";
import type { Words } from "./expect.ts";
import { createFactWaiter, rounded } from "./facts.ts";
import type { ScenarioGuest } from "./guest.ts";
import { type Look, lookAt, lookBack, lookBefore, type Target } from "./look.ts";
import { missingHop } from "./missing-hop.ts";
import type { Check, Outcome, Saying } from "./outcome.ts";
import type { ScenarioFile } from "./scenario-file.ts";
import { actionOf, stepName } from "./step-name.ts";

/** On what it is played. */
export type Stage = {
  target: Target;
  openPhone: (guest: string) => Promise<ScenarioGuest>;
  /** Absent where others own the kit. */
  controls: Controls | undefined;
};

const STILL_UNDER_WAY_MS = 500;

export type Which = { run: number; seed: number };

/** `onStep` hears of each step as it has been taken. */
export async function playScenario(
  { file, scenario, lineOf }: ScenarioFile,
  stage: Stage,
  { run, seed, onStep }: Which & { onStep: (check: Check) => void },
): Promise<Outcome> {
  const startedAt = new Date().toISOString();
  const begin = performance.now();
  const { name, about = "" } = scenario;
  const play = await createPlay(stage, onStep);
  let error: string | undefined;
  try {
    for (const [at, step] of scenario.steps.entries()) await play.step(step, lineOf(["steps", at]));
    await play.end(scenario.then, lineOf(["then"]));
  } catch (failure) {
    error = (failure as Error).message;
  }
  const { sessions, said, steps, seen } = await play.close();
  const { flows, deliveries, usages } = seen;
  const ofGuests = flows.filter(({ id }) => sessions.some((session) => session.id === id));
  const missing = error === undefined ? undefined : ofGuests.map(missingHop).find((sentence) => sentence !== undefined);
  return {
    ok: error === undefined,
    ...(error === undefined ? {} : { error }),
    ...(missing === undefined ? {} : { missing }),
    scenario: { name, about, file },
    ...{ run, seed, serial: stage.target.serial, startedAt },
    ms: since(begin),
    ...{ sessions, said, steps, flows, deliveries, usages },
  };
}

type Ground = {
  stage: Stage;
  chat: ReturnType<typeof createChat>;
  commands: string[];
  words: Words;
};

async function createPlay(stage: Stage, onStep: (check: Check) => void) {
  const { target } = stage;
  const known = await lookBefore(target);
  const chat = createChat(stage.openPhone);
  const ground: Ground = { stage, chat, commands: [], words: { serial: target.serial } };
  const here = () => ({ target, sessions: chat.sessions(), commands: ground.commands, known });
  const look = (facts: Facts) => lookAt(here(), facts);
  const waiter = createFactWaiter(look, { words: ground.words, isPatient: target.isOurs });
  const steps: Check[] = [];
  const tell = (check: Check): void => {
    steps.push(check);
    onStep(check);
  };

  async function wait(facts: Facts, line: number): Promise<void> {
    const { checks, error } = await waiter.until(facts);
    for (const check of checks) tell({ ...check, line });
    if (error !== undefined) throw new Error(error);
  }

  async function take(step: Step, line: number): Promise<void> {
    const begin = performance.now();
    const done = async (how: Pick<Check, "ok" | "detail" | "differences">) =>
      tell({ name: stepName(step), ms: since(begin), line, ...how, ...(await pictureOf(step, chat)) });
    try {
      const detail = await ACTORS[actionOf(step)](step, ground);
      await done({ ok: true, ...(detail ? { detail } : {}) });
    } catch (failure) {
      const { message: detail } = failure as Error;
      const differences = failure instanceof ExpectationError ? failure.differences : [];
      await done({ ok: false, detail, ...(differences.length > 0 ? { differences } : {}) });
      throw failure;
    }
  }

  return {
    step: (step: Step, line: number) => (step.until ? wait(step.until, line) : take(step, line)),

    async end(facts: Facts, line: number): Promise<void> {
      await wait(facts, line);
      await chat.heardAll();
    },

    /** Everything that is known at the end. */
    async close() {
      // What is under way may still become a hop.
      if (steps.some(({ ok }) => ok === false)) await delay(STILL_UNDER_WAY_MS);
      const seen = await lookBack(here());
      const sessions = chat.sessions().map(({ guest, id }) => ({ guest, id, ...leftBy(guest, chat.said, seen) }));
      await chat.close();
      return { sessions, said: chat.said, steps, seen };
    },
  };
}

type Actor = (step: Step, ground: Ground) => Promise<string | void>;

const ACTORS: Record<Action, Actor> = {
  scan: (step, { chat }) => chat.scan(step),
  reload: (step, { chat }) => chat.reload(step),
  hear: (step, { chat }) => chat.hear(step),
  ends: (step, { chat }) => chat.ends(step),
  say: (step, { chat }) => chat.say(step),
  tap: (step, { chat }) => chat.tap(step),
  wait: ({ wait = 0 }) => delay(wait),
  until: () => Promise.resolve(),
  pod: ({ pod = "" }, { stage }) => controlsOf(stage).pod(pod),
  erp: ({ erp = "well" }, { stage }) => controlsOf(stage).erp(erp),
  async operator({ operator = "" }, { stage, commands, words }) {
    const { id, ...times } = await controlsOf(stage).operator(operator);
    commands.push(id);
    Object.assign(words, times);
    return times.from === undefined ? "" : `${times.from} to ${times.to ?? ""}`;
  },
};

/** What a guest said last, and the scent that came of it. */
function leftBy(guest: string, said: readonly Saying[], { seen }: Look): { answer?: string; scent?: string } {
  const answer = said.findLast((each) => each.guest === guest && each.by === "guest")?.text;
  const scent = seen.sessions[guest]?.scent;
  return { ...(answer === undefined ? {} : { answer }), ...(scent ? { scent } : {}) };
}

function controlsOf({ controls }: Stage): Controls {
  if (!controls) throw new Error("That can be done on a kit of its own only.");
  return controls;
}

/** What the phone shows after what its guest did or heard. */
async function pictureOf(step: Step, chat: Ground["chat"]): Promise<{ screenshot?: string }> {
  const phone = isGuestAction(actionOf(step)) ? chat.phoneOf(step) : undefined;
  const png = await phone?.screenshot?.();
  return png ? { screenshot: Buffer.from(png).toString("base64") } : {};
}

function since(begin: number): number {
  return rounded(performance.now() - begin);
}
