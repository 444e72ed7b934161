import type { PodTopic, Scent } from "../contract.ts";

export type Message = { name: PodTopic; payload: unknown; retain: boolean };

type Pass = (message: Message) => void;

/** What becomes of a message: it may be passed on, at once or later, changed, more than once, or not at all. */
export type Hand = (message: Message, pass: Pass) => void;

/** What a behaviour may do to its pod. */
export type Tools = {
  /** From [0, 1); the same numbers again for the same seed. */
  random: () => number;
  /** Does something later, unless the behaviour has been taken off by then. */
  after: (ms: number, work: () => void) => void;
  /** The connection breaks, and comes back by itself. */
  cut: () => void;
  /** As long as it is held there is no connection. */
  hold: (isHeld: boolean) => void;
  /** Power off and on: what is not on disk is gone. */
  reboot: () => void;
  /** Millilitres in a capsule, or `null` for an empty slot. */
  fill: (scent: Scent, ml: number | null) => void;
  /** How far the pod's clock is ahead. */
  skew: (ms: number) => void;
};

/** What a behaviour does to the messages of its pod while it is on, and when it is taken off. */
export type Effect = { say?: Hand; hear?: Hand; end?: () => void };

/** How people write a value, and what stands for none. */
export type Value<V> = { takes: string; fallback: string; read: (text: string) => V | undefined };

export type Behaviour = {
  about: string;
  /** The values that it takes, for people. */
  takes: string;
  /** The value that it has without one. */
  fallback: string;
  /** What to do when it is put on; `undefined` for a value that makes no sense. */
  read: (value: string | undefined) => ((tools: Tools) => Effect) | undefined;
};

export function behaviour<V>(about: string, value: Value<V>, begin: (value: V, tools: Tools) => Effect): Behaviour {
  return {
    about,
    takes: value.takes,
    fallback: value.fallback,
    read(text = value.fallback) {
      const given = value.read(text);
      return given === undefined ? undefined : (tools) => begin(given, tools);
    },
  };
}
