/** When the ERP seems to be down it is left alone: opens, tries one call after a while, and closes when that gets through. */
const FAILURES_IN_A_ROW = 5;
const WINDOW = 20;
const FAILURES_IN_WINDOW = WINDOW / 2;
const FIRST_OPEN_MS = 10_000;
const LONGEST_OPEN_MS = 300_000;
/** A try whose outcome is not heard of by now was none. */
const TRIAL_MS = 60_000;

export type BreakerState = "closed" | "open" | "half-open";

export type Breaker = ReturnType<typeof createBreaker>;

/** One for each ERP. Times are epoch milliseconds. */
export function createBreaker() {
  const recent = createWindow();
  const rest = createRest();
  let openMs = 0;
  let openUntil = 0;
  let trialUntil = 0;

  function state(now: number): BreakerState {
    if (openMs === 0) return "closed";
    return lasts(openUntil, now, openMs) ? "open" : "half-open";
  }

  /** How many more calls may begin; one that was not begun costs no delivery an attempt. */
  function allowed(now: number): number {
    if (rest.lasts(now)) return 0;
    if (openMs === 0) return Infinity;
    return state(now) === "open" || lasts(trialUntil, now, TRIAL_MS) ? 0 : 1;
  }

  function began(now: number): void {
    if (openMs > 0) trialUntil = now + TRIAL_MS;
  }

  function succeeded(): void {
    if (openMs > 0) recent.forget();
    openMs = 0;
    trialUntil = 0;
    recent.add(true);
  }

  function failed(now: number): void {
    recent.add(false);
    // What was under way when it opened says nothing new.
    const wasTrial = state(now) === "half-open" && trialUntil > 0;
    if (wasTrial || (openMs === 0 && recent.seemsDown())) open(now);
  }

  function open(now: number): void {
    openMs = openMs === 0 ? FIRST_OPEN_MS : Math.min(LONGEST_OPEN_MS, openMs * 2);
    openUntil = now + openMs;
    trialUntil = 0;
  }

  return { state, allowed, began, succeeded, failed, rest: rest.begin, isResting: rest.lasts };
}

/** The ERP asked to be left alone for so long. */
function createRest() {
  let until = 0;
  const isOn = (now: number): boolean => lasts(until, now, LONGEST_OPEN_MS);

  function begin(now: number, ms: number): void {
    until = Math.max(isOn(now) ? until : 0, now + ms);
  }

  return { begin, lasts: isOn };
}

/** How the last calls went. */
function createWindow() {
  let recent: boolean[] = [];

  function add(ok: boolean): void {
    recent.push(ok);
    if (recent.length > WINDOW) recent.shift();
  }

  function seemsDown(): boolean {
    const inARow = recent.slice(-FAILURES_IN_A_ROW);
    if (inARow.length === FAILURES_IN_A_ROW && !inARow.includes(true)) return true;
    return recent.length === WINDOW && recent.filter((ok) => !ok).length >= FAILURES_IN_WINDOW;
  }

  function forget(): void {
    recent = [];
  }

  return { add, seemsDown, forget };
}

/** Whether a time up to `longestMs` long still lasts. More than that is left only after a clock was set back. */
function lasts(until: number, now: number, longestMs: number): boolean {
  return until > now && until - now <= longestMs;
}
