import type { CommandState, SessionState } from "./contract.ts";

/** No session takes longer, whatever is said. */
export const LIFE_MS = 1_800_000;

export type Session = {
  id: string;
  serial: string;
  channel: string;
  conversation: string;
  userId: string;
  state: SessionState;
  answer: string | null;
  scent: string | null;
  locale: string;
  startedAt: number;
  endedAt: number | null;
  /** When somebody has to look at it next; null when it is over. */
  dueAt: number | null;
  /** 1 when its guest was told that it closes soon. */
  warned: number;
};

export type StoredCommand = {
  id: string;
  sessionId: string;
  serial: string;
  scent: string;
  state: CommandState;
  reason: string | null;
  issuedAt: number;
  expiresAt: number;
};

export type NewCommand = Omit<StoredCommand, "state" | "reason">;

export type NewSession = Pick<
  Session,
  "id" | "serial" | "channel" | "conversation" | "userId" | "locale" | "startedAt"
> & { dueAt: number };

/** What is done to a session; `ended` brings the command for the pod with it. */
export type SessionChange =
  | { to: "asked" }
  | { to: "heard"; dueAt: number; warned: number; locale: string }
  | { to: "warned"; at: number; dueAt: number }
  | { to: "abandoned"; at: number }
  | { to: "ended"; answer: string; scent: string; at: number; command: NewCommand };

/** How long a guest may say nothing, and how long before the end of that the warning comes. */
export type IdleTimes = { idleMs: number; warningMs: number };

/** A chat that closes after so many seconds of silence warns its guest when a fifth of them remains. */
export function idleTimes(idleS: number): IdleTimes {
  return { idleMs: idleS * 1_000, warningMs: idleS * 200 };
}

type Beginning = Omit<NewSession, "startedAt" | "dueAt">;

export function newSession(who: Beginning, startedAt: number, idle: IdleTimes): NewSession {
  return { ...who, startedAt, dueAt: firstDueAt(startedAt, idle) };
}

/** A session that has just begun, as it will be found in the store. */
export function sessionOf(begin: NewSession): Session {
  return { ...begin, state: "started", answer: null, scent: null, endedAt: null, warned: 0 };
}

type Heard = { at: number; locale?: string | undefined };

/** The change of a session whose guest was heard. */
export function heardNow(session: Session, { at, locale = session.locale }: Heard, idle: IdleTimes): SessionChange {
  return { to: "heard", ...dueAfterHearing({ ...session, dueAt: session.dueAt ?? at }, at, idle), locale };
}

/** What time does to a session that nobody answers: its guest is warned, and a while later it closes. */
export function changeWhenDue({ warned }: Session, at: number, { warningMs }: IdleTimes): SessionChange {
  return warned ? { to: "abandoned", at } : { to: "warned", at, dueAt: at + warningMs };
}

/** Whether a session takes no more. */
export function isOver(session: Pick<Session, "state"> | undefined): boolean {
  return session?.state === "ended" || session?.state === "abandoned";
}

type Times = { startedAt: number; dueAt: number; warned: number };

/** When somebody has to look at a session next: first to warn its guest, then to close it. */
export function firstDueAt(startedAt: number, { idleMs, warningMs }: IdleTimes): number {
  return startedAt + idleMs - warningMs;
}

/** The same after the guest was heard. Near the end of its life nothing makes a session longer. */
export function dueAfterHearing(
  { startedAt, dueAt, warned }: Times,
  now: number,
  { idleMs, warningMs }: IdleTimes,
): Pick<Times, "dueAt" | "warned"> {
  const lastWarningAt = startedAt + LIFE_MS - warningMs;
  if (now >= lastWarningAt) return { dueAt, warned };
  return { dueAt: Math.min(now + idleMs - warningMs, lastWarningAt), warned: 0 };
}
