import type { CommandState, SessionState } from "./contract.ts";

/** How long a guest may say nothing; the warning comes before. */
export const IDLE_MS = 300_000;
export const WARNING_MS = 60_000;
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

type Beginning = Omit<NewSession, "startedAt" | "dueAt">;

export function newSession(who: Beginning, startedAt: number): NewSession {
  return { ...who, startedAt, dueAt: firstDueAt(startedAt) };
}

/** A session that has just begun, as it will be found in the store. */
export function sessionOf(begin: NewSession): Session {
  return { ...begin, state: "started", answer: null, scent: null, endedAt: null, warned: 0 };
}

/** The change of a session whose guest was heard. */
export function heardNow(session: Session, now: number, locale: string = session.locale): SessionChange {
  return { to: "heard", ...dueAfterHearing({ ...session, dueAt: session.dueAt ?? now }, now), locale };
}

/** What time does to a session that nobody answers: its guest is warned, and a while later it closes. */
export function changeWhenDue({ warned }: Session, at: number): SessionChange {
  return warned ? { to: "abandoned", at } : { to: "warned", at, dueAt: at + WARNING_MS };
}

/** Whether a session takes no more. */
export function isOver(session: Pick<Session, "state"> | undefined): boolean {
  return session?.state === "ended" || session?.state === "abandoned";
}

type Times = { startedAt: number; dueAt: number; warned: number };

/** When somebody has to look at a session next: first to warn its guest, then to close it. */
export function firstDueAt(startedAt: number): number {
  return startedAt + IDLE_MS - WARNING_MS;
}

/** The same after the guest was heard. Near the end of its life nothing makes a session longer. */
export function dueAfterHearing({ startedAt, dueAt, warned }: Times, now: number): Pick<Times, "dueAt" | "warned"> {
  const lastWarningAt = startedAt + LIFE_MS - WARNING_MS;
  if (now >= lastWarningAt) return { dueAt, warned };
  return { dueAt: Math.min(now + IDLE_MS - WARNING_MS, lastWarningAt), warned: 0 };
}
