import type { Clock } from "../plumbing/clock.ts";
import { seededRandom, seedOf } from "../plumbing/random.ts";
import { BEHAVIOURS } from "./behaviours/all.ts";
import type { Effect, Hand, Message, Tools } from "./behaviours/behaviour.ts";

/** Behaviours as people write them, such as `late=2s`, and the seed that makes them do the same again. */
export type Faults = { words: readonly string[]; seed: number };

export const NO_FAULTS: Faults = { words: [], seed: 1 };

type Begin = (tools: Tools) => Effect;
type Pass = (message: Message) => void;

type Options = {
  serial: string;
  clock: Clock;
  tools: Omit<Tools, "random" | "after">;
  /** Where messages go that all behaviours have passed on. */
  say: Pass;
  hear: Pass;
};

/** Why these words are no behaviours, or `undefined`. */
export function faultProblem(words: readonly string[]): string | undefined {
  for (const word of words) {
    const read = readFault(word);
    if (typeof read === "string") return read;
  }
  const names = words.map(nameOf);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  return twice === undefined ? undefined : `"${twice}" stands there twice; once, with one value, is all that there is.`;
}

export type FaultLine = ReturnType<typeof openFaultLine>;

/** Stands between a pod and its connection, and lets the behaviours that are put on do what they do. */
export function openFaultLine(options: Options) {
  const { say, hear } = options;
  let worn = NO_FAULTS;
  let effects: Effect[] = [];
  let putOn = new AbortController();
  let line = { say, hear };

  function put(faults: Faults): void {
    putOn.abort();
    for (const { end } of effects) end?.();
    putOn = new AbortController();
    worn = faults;
    effects = faults.words.map((word) => begin(word, { ...options, faults, signal: putOn.signal }));
    line = {
      say: through(
        effects.map((effect) => effect.say),
        say,
      ),
      // What comes in passes them the other way round.
      hear: through(effects.map((effect) => effect.hear).reverse(), hear),
    };
  }

  return {
    put,
    worn: (): Faults => worn,
    say: (message: Message): void => line.say(message),
    hear: (message: Message): void => line.hear(message),
    /** Nothing is done later any more, and what still comes passes as it is. */
    close(): void {
      putOn.abort();
      line = { say, hear };
    },
  };
}

/** Each behaviour has numbers of its own, so that what one draws changes nothing for another. */
function begin(
  word: string,
  { faults, signal, serial, clock, tools }: Options & { faults: Faults; signal: AbortSignal },
): Effect {
  const read = readFault(word);
  if (typeof read === "string") throw new Error(read);
  return read({
    ...tools,
    random: seededRandom(seedOf(`${String(faults.seed)}/${serial}/${word}`)),
    after(ms, work) {
      void clock.sleep(ms, signal).then(() => signal.aborted || work());
    },
  });
}

function through(hands: readonly (Hand | undefined)[], last: Pass): Pass {
  return hands.reduceRight<Pass>((next, hand) => (hand ? (message) => hand(message, next) : next), last);
}

function nameOf(word: string): string {
  return word.split("=", 1)[0] ?? "";
}

/** What to do for a word, or what is wrong with it. */
function readFault(word: string): Begin | string {
  const [name = "", ...rest] = word.split("=");
  const found = Object.hasOwn(BEHAVIOURS, name) ? BEHAVIOURS[name] : undefined;
  if (!found) return `There is no behaviour "${name}"; known are ${Object.keys(BEHAVIOURS).join(", ")}.`;
  const value = rest.length === 0 ? undefined : rest.join("=");
  return found.read(value) ?? `"${word}" does not fit: ${name} takes ${found.takes}.`;
}
