import type { Kit } from "./kit.ts";

/** What mends it: a command to copy into a shell, a sentence where no command can, or a sentence that leads to one. */
export type Fix = { advice?: string; command?: string };

/** What a check found out; whatever is not as it should be comes with what mends it. */
export type Finding =
  | { state: "ok" | "not checked"; detail: string }
  | { state: "warning" | "failed"; detail: string; fix: Fix };

/** What there is to look at: the kit that the settings describe, or why they describe none. */
export type Ground = { kit: Kit; problem?: undefined } | { kit?: undefined; problem: string };

export type Check = { name: string; run: (ground: Ground) => Finding | Promise<Finding> };

export type Section = { title: string; checks: readonly Check[] };

export const ok = (detail: string): Finding => ({ state: "ok", detail });
export const warning = (detail: string, fix: Fix): Finding => ({ state: "warning", detail, fix });
export const failed = (detail: string, fix: Fix): Finding => ({ state: "failed", detail, fix });
export const notChecked = (detail: string): Finding => ({ state: "not checked", detail });

export const advise = (advice: string): Fix => ({ advice });
export const run = (command: string, advice?: string): Fix => ({
  ...(advice === undefined ? {} : { advice }),
  command,
});

/** A check of what the settings describe: not made as long as they cannot be read. */
export function check(name: string, look: (kit: Kit) => Finding | Promise<Finding>): Check {
  return { name, run: ({ kit }) => (kit ? look(kit) : notChecked("the settings have to be mended first")) };
}
