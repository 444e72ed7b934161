import type { createGuest, SeenActivity } from "./guest.ts";
import type { Recorded } from "./transcript-file.ts";

/** What the bot says, as far as it is compared. */
export type Said = { type: string; text: string; code?: string; actions?: string[] };

export type Difference = { at: number; after: string; expected: Said | null; seen: Said | null };

/** `late` is what the bot said on its own account, which is not replayed. */
export type Replay = { ok: boolean; checked: number; late?: number; difference?: Difference };

/** What the guest does, a session begun or words said, and what the bot is to say to it. */
export type Turn = { begins: boolean; words: { text: string; value?: unknown }; locale?: string; says: Said[] };

type Guest = Pick<ReturnType<typeof createGuest>, "begin" | "say" | "read">;

/** The bot answers at once. What it says later it says on its own account, to a guest who went away. */
const ANSWERS_WITHIN_MS = 15_000;
/** A guest begins with the link of a card; here the link is the one of the kit that it is replayed with. */
const BEGINS = /^\/?start \S+$/i;

/** Plays the guest's part of a transcript and compares what the bot says to it, up to the first difference. */
export async function replay(activities: readonly Recorded[], guest: Guest): Promise<Replay> {
  const { turns, late } = turnsOf(activities);
  const aside = late === 0 ? {} : { late };
  let checked = 0;
  let heard = 0;
  for (const turn of turns) {
    const refusal = await play(turn, guest);
    const spoken = refusal ? [] : (await guest.read()).filter(({ from }) => from.role === "bot");
    const seen = refusal ? [refusal] : spoken.slice(turn.begins ? 0 : heard).map(saidOf);
    heard = spoken.length;
    const same = sameAtFirst(turn.says, seen);
    checked += same;
    if (same === Math.max(turn.says.length, seen.length)) continue;
    const sides = { expected: turn.says[same] ?? null, seen: seen[same] ?? null };
    return { ok: false, checked, ...aside, difference: { at: checked + 1, after: turn.words.text, ...sides } };
  }
  return { ok: true, checked, ...aside };
}

/** What stands in the place of an answer where the guest is refused. */
async function play({ begins, words, locale }: Turn, guest: Guest): Promise<Said | undefined> {
  try {
    await (begins ? guest.begin(locale) : guest.say({ ...words, ...(locale ? { locale } : {}) }));
    return undefined;
  } catch (error) {
    return { type: "refused", text: (error as Error).message };
  }
}

/** The turns of a transcript, and how much of what the bot said belongs to none. */
export function turnsOf(activities: readonly Recorded[]): { turns: Turn[]; late: number } {
  const turns: Turn[] = [{ begins: true, words: { text: "" }, says: [] }];
  let late = 0;
  let isLate = false;
  let lastAt = Number.NaN;
  for (const activity of activities.filter(({ type, from }) => from.role === "bot" || type === "message")) {
    const at = Date.parse(activity.timestamp ?? "");
    if (activity.from.role === "user") turns.push(turnOf(activity));
    isLate = activity.from.role === "bot" && (isLate || at - lastAt > ANSWERS_WITHIN_MS);
    if (isLate) late += 1;
    else if (activity.from.role === "bot") hear(turns.at(-1), activity);
    lastAt = at;
  }
  // What the bot said before the guest came with a card was about no pod.
  const opening = turns[1]?.begins ? turns.shift() : undefined;
  return { turns, late: late + (opening?.says.length ?? 0) };
}

function turnOf({ text, value, locale }: Recorded): Turn {
  const words = { text: text ?? "", ...(value === undefined ? {} : { value }) };
  return { begins: BEGINS.test(words.text.trim()), words, says: [], ...(locale ? { locale } : {}) };
}

function hear(turn: Turn | undefined, activity: Recorded): void {
  turn?.says.push(saidOf(activity));
  if (turn && activity.locale) turn.locale ??= activity.locale;
}

function saidOf({ type, text, code, suggestedActions }: SeenActivity | Recorded): Said {
  const actions = suggestedActions?.actions?.map(({ title }) => title);
  return { type, text: text ?? "", ...(code ? { code } : {}), ...(actions ? { actions } : {}) };
}

/** How many are the same from the beginning on. */
function sameAtFirst(expected: readonly Said[], seen: readonly Said[]): number {
  const first = expected.findIndex((said, at) => !isSame(said, seen[at]));
  return first < 0 ? expected.length : first;
}

function isSame({ type, text, code, actions }: Said, seen: Said | undefined): boolean {
  if (type !== seen?.type || text !== seen.text || code !== seen.code) return false;
  return actions === undefined || actions.join("\n") === seen.actions?.join("\n");
}
