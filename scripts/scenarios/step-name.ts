/** A step in words. */
import { ACTIONS, type Action, type Step } from "./contract.ts";

export function actionOf(step: Step): Action {
  return ACTIONS.find((name) => step[name] !== undefined) ?? "wait";
}

export function stepName(step: Step): string {
  const who = step.guest ?? "the guest";
  switch (actionOf(step)) {
    case "scan":
      return `${who} scans the card`;
    case "reload":
      return `${who} loads the page again`;
    case "hear":
      return `the bot says ${quoted(hearing(step))}`;
    case "ends":
      return "the session ends";
    case "say":
      return `${who} answers ${quoted(step.say ?? "")}`;
    case "tap":
      return `${who} taps ${[step.tap].flat().map(quoted).join(" and ")}`;
    case "wait":
      return `nobody does anything for ${String(step.wait)} ms`;
    case "until":
      return "it goes on when this is true";
    case "pod":
      return `the pod: ${step.pod ?? ""}`;
    case "operator":
      return `the hotel orders: ${step.operator ?? ""}`;
    case "erp":
      return `the ERP ${erpWords(step)}`;
  }
}

function hearing({ hear }: Step): string {
  return typeof hear === "string" ? hear : (hear?.text ?? hear?.choices?.join(", ") ?? "");
}

function erpWords({ erp }: Step): string {
  if (typeof erp !== "object") return erp === "away" ? "goes away" : `is ${erp ?? ""}`;
  return `goes wrong: ${erp.fault}, ${String(erp.times ?? 1)} times`;
}

function quoted(text = ""): string {
  return text.startsWith("/") ? text : `"${text}"`;
}
