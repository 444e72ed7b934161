/** What `aromapod poc` says on the terminal. */
import type { Usage } from "../erp-stub/contract.ts";
import type { ReportFile } from "./commands/arguments.ts";
import { checkText, outcomeText, summaryText } from "./evidence/terminal.ts";
import { requestsIn } from "./scenarios/look.ts";
import type { Check, Evidence, Outcome } from "./scenarios/outcome.ts";

/** Of one run each step is told as it happens; of many, one line each and a table at the end. */
export function createTeller({ json, isOne, isRepeated }: { json: boolean; isOne: boolean; isRepeated: boolean }) {
  const say = (text: string): void => void process.stdout.write(text);
  return {
    onStep: (check: Check): void => {
      if (!json && isOne) say(checkText(check));
    },
    onOutcome: (outcome: Outcome): void => {
      if (json) say(jsonLine(outcome));
      else
        say(
          isOne
            ? `\n${outcomeText(outcome, { more: true })}${requestText(outcome)}`
            : outcomeText(outcome, { more: false }),
        );
    },
    end: (evidence: Evidence, reports: readonly ReportFile[]): void => {
      if (json) return tellPrograms(evidence);
      say(`\n${summaryText(evidence, { runsAreTold: !isRepeated })}`);
      for (const { file } of reports) say(`The evidence is in ${file}.\n`);
    },
  };
}

function requestText({ flows }: Outcome): string {
  const { requests } = requestsIn(flows);
  return requests.length === 0 ? "" : `The ERP got:\n${requests.map((request) => `  ${request}\n`).join("")}`;
}

function withoutPicture(step: Check): Check {
  const { screenshot, ...rest } = step;
  return screenshot === undefined ? step : rest;
}

function tellPrograms({ ok, outcomes, remarks, skipped }: Evidence): void {
  for (const { name, file, reason } of skipped)
    process.stdout.write(`${JSON.stringify({ ok: "not checked", scenario: name, file, error: reason })}\n`);
  // What each run says of itself stands there already.
  if (!ok && outcomes.every((outcome) => outcome.ok))
    process.stderr.write(remarks.map((remark) => `${remark}\n`).join(""));
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
    answer: session?.answer,
    scent: session?.scent,
    sessionId: session?.id,
    erpRequest: usage?.request ?? requestsIn(flows).requests[0],
    usage,
    ...(missing === undefined ? {} : { missing }),
    scenario: scenario.name,
    file: scenario.file,
    run,
    steps: steps.map(withoutPicture),
  };
  return `${JSON.stringify(line)}\n`;
}
