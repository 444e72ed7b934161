import type { Clock } from "../plumbing/clock.ts";
import type { Log } from "../plumbing/log.ts";
import { startPeriodic } from "../plumbing/periodic.ts";
import { DIRECT_LINE } from "./conversation-store.ts";
import { changeWhenDue, type IdleTimes, type Session, type SessionChange } from "./session.ts";
import type { BotStore } from "./store.ts";
import type { Turns } from "./turns.ts";

/** A look each second; more often where a warning comes so shortly before the end that it would be late. */
const SWEEP_EVERY_MS = 1_000;
const SWEEPS_PER_WARNING = 4;
const FORGET_EVERY_MS = 60_000;
/** How long what was said stays readable: two weeks, as Azure's Direct Line keeps an id usable. */
const WORDS_KEPT_MS = 14 * 24 * 3_600_000;

type Deps = {
  store: BotStore;
  turns: Turns;
  onChange: (session: Session, change: SessionChange) => void;
  idle: IdleTimes;
  clock: Clock;
  log: Log;
};

/** Looks after sessions that nobody answers, and forgets old words. What is due stands in the store, so a restart loses nothing. */
export function startSweeper({ store, turns, onChange, idle, clock, log }: Deps) {
  let forgotAt = 0;

  async function attend(session: Session): Promise<void> {
    if (session.channel === DIRECT_LINE) return turns.attend(session);
    // Other channels are not spoken to unasked: their guests may be anywhere by now.
    const change = changeWhenDue(session, clock.now(), idle);
    if (await store.sessions.change(session.id, change)) onChange(session, change);
  }

  async function sweep(): Promise<void> {
    await Promise.all(store.sessions.due(clock.now()).map(attend));
    if (clock.now() - forgotAt < FORGET_EVERY_MS) return;
    forgotAt = clock.now();
    await store.forgetBefore(forgotAt - WORDS_KEPT_MS);
  }

  const onError = (err: unknown) => log.error({ err }, "sweep failed");
  const everyMs = Math.min(SWEEP_EVERY_MS, idle.warningMs / SWEEPS_PER_WARNING);
  return startPeriodic(sweep, { everyMs, clock, onError });
}
