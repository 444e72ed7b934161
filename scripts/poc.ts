import { readFile } from "node:fs/promises";
import { styleText } from "node:util";
import { StartError } from "../plumbing/start-error.ts";
import { withOwnKit } from "./own-kit.ts";
import { type Proof, provePoc, type Step, type Target } from "./poc-run.ts";
import type { Settings } from "./settings.ts";
import type { System } from "./system.ts";
import { readUsages } from "./usages.ts";

export type PocOptions = {
  answer: string;
  serial: string;
  repeat: number;
  json: boolean;
  against: string | undefined;
  deviceDb: string | undefined;
  erp: string | undefined;
  erpKeyFile: string | undefined;
};

/** Replays the proof of concept, against a running kit or against one of its own in a temporary folder. */
export async function poc(settings: Settings, options: PocOptions): Promise<number> {
  if (options.against !== undefined) {
    const failures = await proveAll(await runningTarget(options.against, options), options);
    return failures === 0 ? 0 : 1;
  }

  const isBundled = settings.ERP_URL === undefined;
  return withOwnKit(settings, options.serial, (system) => proveOwn(system, isBundled, options));
}

async function proveOwn({ urls, launchUrl, secrets }: System, isBundled: boolean, options: PocOptions) {
  const erp = isBundled ? { url: urls.erp, apiKey: secrets.erpApiKey } : undefined;
  const failures = await proveAll({ launchUrl, deviceDb: urls.deviceDb, erp }, options);
  const counted = erp === undefined || (await countAll(erp, options.repeat - failures, options));
  return counted && failures === 0 ? 0 : 1;
}

async function runningTarget(launchUrl: string, { deviceDb, erp, erpKeyFile }: PocOptions): Promise<Target> {
  const apiKey = erpKeyFile === undefined ? "" : await readKey(erpKeyFile);
  return { launchUrl, deviceDb, erp: erp === undefined ? undefined : { url: erp, apiKey } };
}

async function readKey(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (cause) {
    throw new StartError(`Cannot read the key file "${file}": ${(cause as Error).message}.`, { cause });
  }
}

/** Resolves with how many of the runs failed. */
async function proveAll(target: Target, { answer, repeat, json }: PocOptions): Promise<number> {
  let failures = 0;
  for (let run = 1; run <= repeat; run++) {
    const tellsSteps = !json && repeat === 1;
    const proof = await provePoc(target, answer, (step) => tellsSteps && process.stdout.write(stepLine(step)));
    if (!proof.ok) failures += 1;
    process.stdout.write(json ? jsonLine(proof) : verdict(proof, run, repeat));
  }
  return failures;
}

/** After all runs the ERP must hold one usage for each session that was proved: none missing, none twice. */
async function countAll(
  erp: { url: string; apiKey: string },
  proved: number,
  { serial, json }: PocOptions,
): Promise<boolean> {
  const held = (await readUsages(erp, `serial=${serial}`)).length;
  const sentence = `The ERP holds ${counted(held, "usage")} for ${counted(proved, "proved session")}.`;
  if (!json || held !== proved) (json ? process.stderr : process.stdout).write(`${sentence}\n`);
  return held === proved;
}

function counted(number: number, thing: string): string {
  return `${String(number)} ${thing}${number === 1 ? "" : "s"}`;
}

/** The verdict first, the steps last. */
function jsonLine({ ok, error, answer, scent, sessionId, erpRequest, usage, steps }: Proof): string {
  return `${JSON.stringify({ ok, error, answer, scent, sessionId, erpRequest, usage, steps })}\n`;
}

function stepLine({ name, ok, ms, detail }: Step): string {
  const mark = ok === true ? styleText("green", "✔") : ok ? styleText("yellow", "–") : styleText("red", "✘");
  const time = styleText("dim", `${ms.toFixed(1).padStart(8)} ms`);
  const note = ok === "not checked" ? styleText("dim", "  not checked") : "";
  return `${mark} ${time}  ${name}${note}${detail ? `\n               ${styleText("dim", detail)}` : ""}\n`;
}

function verdict({ ok, error, erpRequest }: Proof, run: number, repeat: number): string {
  const which = repeat === 1 ? "" : `${String(run)} of ${String(repeat)}: `;
  if (!ok) return `${styleText("red", `${which}The proof failed.`)} ${error ?? ""}\n`;
  const request = erpRequest ? ` The ERP got:\n  ${erpRequest}` : "";
  return repeat === 1
    ? `\n${styleText("green", "The proof holds.")}${request}\n`
    : `${which}ok${erpRequest ? `  ${erpRequest}` : ""}\n`;
}
