import type { Asked } from "./access.ts";
import type { Frame, Notice } from "./page-layout.ts";
import type { Sessions } from "./sessions.ts";

export type FrameFor = (asked: Asked, notice?: Notice) => Frame;

const DONE: Record<string, string> = {
  added: "Added.",
  changed: "Changed.",
  removed: "Removed.",
  saved: "Saved.",
  erased: "Erased: nothing of this customer is kept.",
  replayed: "Called again: the newest entry says what came of it.",
  password: "Your new password is set. Other browsers are signed out.",
};

/** What surrounds a page: who looks, their token, and what the button led to by the word in the address. */
export function createFrames({ css, sessions }: { css: string; sessions: Sessions }): FrameFor {
  return ({ request, who }, notice) => ({
    css,
    who,
    pageToken: sessions.pageToken(request),
    notice: notice ?? noticeOf(request.query.get("done")),
  });
}

function noticeOf(done: string | null): Notice | undefined {
  const text = done === null || !Object.hasOwn(DONE, done) ? undefined : DONE[done];
  return text === undefined ? undefined : { tone: "good", text };
}
