/** Plays one scenario once, and keeps all evidence. */
import { setTimeout as delay } from "node:timers/promises";
import type { Facts, Step } from "./contract.ts";
import { createFactWaiter, rounded } from "./facts.ts";
import { type Look, lookAt, lookBack, lookBefore } from "./look.ts";
import { missingHop } from "./missing-hop.ts";
import type { Check, Outcome, Saying } from "./outcome.ts";
import type { ScenarioFile } from "./scenario-file.ts";
import { checkSilence, createGround, type Stage, takeLastLooks, takeStep } from "./take-step.ts";
import { underWay } from "./under-way.ts";

type Which = { run: number; seed: number };

const STILL_UNDER_WAY_MS = 500;

/** `onStep` hears of each step as it has been taken. */
export async function playScenario(
  { file, scenario, lineOf }: ScenarioFile,
  stage: Stage,
  { run, seed, onStep }: Which & { onStep: (check: Check) => void },
): Promise<Outcome> {
  const startedAt = new Date().toISOString();
  const begin = performance.now();
  const play = await createPlay(stage, onStep);
  const error = await errorOf(async () => {
    for (const [at, step] of scenario.steps.entries()) await play.step(step, lineOf(["steps", at]));
    await play.end(scenario.expect, lineOf(["expect"]));
  });
  const played = await play.close();
  return {
    ok: error === undefined,
    ...(error === undefined ? {} : { error, ...missingIn(played) }),
    scenario: { name: scenario.name, about: scenario.about ?? "", file },
    run,
    seed,
    serial: stage.target.serial,
    startedAt,
    ms: rounded(performance.now() - begin),
    ...played,
  };
}

async function errorOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (failure) {
    return (failure as Error).message;
  }
}

/** The first hop that did not happen of a guest's session. */
function missingIn({ flows, sessions }: Pick<Outcome, "flows" | "sessions">): { missing?: string } {
  const ofGuests = flows.filter(({ id }) => sessions.some((session) => session.id === id));
  const missing = ofGuests.map(missingHop).find((sentence) => sentence !== undefined);
  return missing === undefined ? {} : { missing };
}

async function createPlay(stage: Stage, onStep: (check: Check) => void) {
  const { target } = stage;
  const known = await lookBefore(target);
  const ground = createGround(stage);
  const { chat, commands, words } = ground;
  const here = () => ({ target, sessions: chat.sessions(), commands, known });
  const waiter = createFactWaiter((facts) => lookAt(here(), facts), {
    words,
    underWay: (facts) => whatIsOpen(here(), facts),
    isPatient: target.isOurs,
  });
  const steps: Check[] = [];

  function tell(checks: readonly Check[], line: number): void {
    for (const check of checks) {
      steps.push({ ...check, line });
      onStep({ ...check, line });
    }
    const failed = checks.find(({ ok }) => ok === false);
    if (failed) throw new Error(failed.detail ?? failed.name);
  }

  return {
    async step(step: Step, line: number): Promise<void> {
      tell(step.until ? await waiter.until(step.until) : [await takeStep(step, ground)], line);
    },

    async end(facts: Facts, line: number): Promise<void> {
      tell(await waiter.untilEnd(facts), line);
      tell(await checkSilence(ground), line);
    },

    /** Everything that is known at the end. */
    async close() {
      // What is under way may still become a hop.
      if (steps.some(({ ok }) => ok === false)) await delay(STILL_UNDER_WAY_MS);
      steps.push(...(await takeLastLooks(ground)));
      const seen = await lookBack(here());
      const sessions = chat.sessions().flatMap(({ guest, ids }) => {
        const last = { guest, id: ids.at(-1) ?? "", ...leftBy(guest, chat.said, seen) };
        return [...ids.slice(0, -1).map((id) => ({ guest, id, ...endedIn(id, seen) })), last];
      });
      await chat.close();
      const { flows, deliveries, usages } = seen;
      return { sessions, said: chat.said, steps, flows, deliveries, usages };
    },
  };
}

/** Whoever cannot be asked leaves it open too. */
async function whatIsOpen(run: Parameters<typeof lookAt>[0], facts: Facts): Promise<string | undefined> {
  const found = await lookAt(run, { deliveries: [] }).catch((error: unknown) => error as Error);
  return found instanceof Error ? found.message : underWay(found, facts);
}

/** What came of a session before the last one. */
function endedIn(id: string, { flows }: Look): { answer?: string; scent?: string } {
  const { answer, scent } = flows.find((flow) => flow.id === id) ?? {};
  return { ...(answer ? { answer } : {}), ...(scent ? { scent } : {}) };
}

/** What a guest said last, and the scent that came of it. */
function leftBy(guest: string, said: readonly Saying[], { seen }: Look): { answer?: string; scent?: string } {
  const answer = said.findLast((each) => each.guest === guest && each.by === "guest")?.text;
  const scent = seen.sessions[guest]?.scent;
  return { ...(answer === undefined ? {} : { answer }), ...(scent ? { scent } : {}) };
}
