/** What `aromapod poc` says on the terminal. */
import { styleText } from "node:util";
import type { Usage } from "../erp-stub/contract.ts";
import type { ReportFile } from "./commands/arguments.ts";
import { requestsIn } from "./scenarios/look.ts";
import type { Check, Evidence, Outcome } from "./scenarios/outcome.ts";

export type Teller = ReturnType<typeof createTeller>;

/** Of one run each step is told as it happens; of many, one line each. */
export function createTeller({ json, isOne }: { json: boolean; isOne: boolean }) {
  return {
    onStep: (check: Check): void => {
      if (!json && isOne) process.stdout.write(stepLine(check));
    },
    onOutcome: (outcome: Outcome): void => {
      process.stdout.write(json ? jsonLine(outcome) : verdict(outcome, isOne));
    },
    end: ({ ok, outcomes, remarks, skipped }: Evidence, reports: readonly ReportFile[]): void => {
      if (json) {
        for (const { name, file, reason } of skipped)
          process.stdout.write(`${JSON.stringify({ ok: "not checked", scenario: name, file, error: reason })}\n`);
        // What each run says of itself stands there already.
        if (!ok && outcomes.every((outcome) => outcome.ok))
          for (const remark of remarks) process.stderr.write(`${remark}\n`);
        return;
      }
      for (const { name, reason } of skipped) process.stdout.write(`– ${name}: not checked. ${reason}\n`);
      for (const remark of remarks) process.stdout.write(`${remark}\n`);
      for (const { file } of reports) process.stdout.write(`The evidence is in ${file}.\n`);
    },
  };
}

/** What a program reads of one run: the verdict first, the steps last. */
export type PocLine = Pick<Outcome, "ok" | "error" | "missing" | "run" | "steps"> & {
  answer: string | undefined;
  scent: string | undefined;
  sessionId: string | undefined;
  erpRequest: string | undefined;
  usage: Usage | undefined;
  scenario: string;
  file: string;
};

function jsonLine({ ok, error, missing, scenario, run, sessions, flows, usages, steps }: Outcome): string {
  const [session] = sessions;
  const [usage] = usages;
  const line: PocLine = {
    ok,
    ...(error === undefined ? {} : { error }),
    ...{ answer: session?.answer, scent: session?.scent, sessionId: session?.id },
    erpRequest: usage?.request ?? requestsIn(flows).requests[0],
    usage,
    ...(missing === undefined ? {} : { missing }),
    ...{ scenario: scenario.name, file: scenario.file, run },
    steps: steps.map(({ screenshot: _, ...step }) => step),
  };
  return `${JSON.stringify(line)}\n`;
}

function stepLine({ name, ok, ms, detail, differences = [] }: Check): string {
  const mark = ok === true ? styleText("green", "✔") : ok ? styleText("yellow", "–") : styleText("red", "✘");
  const time = styleText("dim", `${ms.toFixed(1).padStart(8)} ms`);
  const note = ok === "not checked" ? styleText("dim", "  not checked") : "";
  const more = detail ? `\n               ${styleText("dim", detail)}` : "";
  return `${mark} ${time}  ${name}${note}${more}\n${differences.map(({ expected, seen }) => `   expected  ${expected}\n   seen      ${seen}\n`).join("")}`;
}

function verdict({ ok, error, scenario, run, ms, usages }: Outcome, isOne: boolean): string {
  const [usage] = usages;
  if (!isOne)
    return `${ok ? styleText("green", "✔") : styleText("red", "✘")} ${scenario.name} (${String(run)})  ${ms.toFixed(0)} ms${error ? `\n  ${error}` : ""}\n`;
  if (!ok) return `\n${styleText("red", "The proof failed.")} ${error ?? ""}\n`;
  return `\n${styleText("green", "The proof holds.")}${usage ? ` The ERP got:\n  ${usage.request}` : ""}\n`;
}
