/** A step in words. */
import { ACTIONS, type Action, type Step } from "./contract.ts";

export function actionOf(step: Step): Action {
  return ACTIONS.find((name) => step[name] !== undefined) ?? "wait";
}

export function stepName(step: Step): string {
  return NAMES[actionOf(step)](step, step.guest ?? "the guest");
}

const NAMES: Record<Action, (step: Step, who: string) => string> = {
  scan: (_, who) => `${who} scans the card`,
  reload: (_, who) => `${who} loads the page again`,
  hear: ({ hear = "" }) => {
    const { text, choices = [] } = typeof hear === "string" ? { text: hear } : hear;
    return text === undefined ? `the bot offers ${choices.join(", ") || "nothing"}` : `the bot says ${quoted(text)}`;
  },
  ends: () => "the session ends",
  say: ({ say, refused }, who) => `${who} answers ${quoted(say)}${refusal(refused)}`,
  tap: ({ tap, refused }, who) => `${who} taps ${[tap].flat().map(quoted).join(" and ")}${refusal(refused)}`,
  wait: ({ wait = 0 }) => `nobody does anything for ${String(wait / 1_000)} s`,
  pod: ({ pod = "" }) => `the pod: ${pod}`,
  operator: ({ operator = "" }) => `the hotel orders: ${operator}`,
  erp: ({ erp = "well" }) => `the ERP ${erpWords(erp)}`,
};

function erpWords(erp: NonNullable<Step["erp"]>): string {
  if (typeof erp === "object") return `goes wrong at ${String(erp.times ?? 1)} of its calls: ${erp.fault}`;
  return erp === "away" ? "goes away" : `is ${erp}`;
}

function refusal(refused: string | undefined): string {
  return refused === undefined ? "" : ", and is refused";
}

function quoted(text = ""): string {
  return text.startsWith("/") ? text : `"${text}"`;
}
