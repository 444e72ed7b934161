import { INTERRUPTED } from "./lifetime.ts";

/** What a command ends with. */
export const EXIT = { done: 0, failed: 1, usage: 2, notReady: 3, interrupted: INTERRUPTED } as const;

/** The same in words. */
export const EXIT_MEANINGS: Record<keyof typeof EXIT, string> = {
  done: "It is done, and whatever was to hold does hold.",
  failed: "A check failed, or the kit refused what was asked for.",
  usage: "The command line makes no sense.",
  notReady: "Something is not ready: a setting, a port, a file, or a part that should run.",
  interrupted: "Somebody pressed Ctrl-C.",
};
