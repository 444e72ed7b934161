import { readFile } from "node:fs/promises";
import { StartError } from "../plumbing/start-error.ts";
import type { ReportFile } from "./commands/arguments.ts";
import { prepareReports, writeReports } from "./evidence/write.ts";
import { checkFit, DEMO_DEVICE } from "./parts.ts";
import { createTeller } from "./poc-output.ts";
import { untilChanged } from "./scenarios/changes.ts";
import { bundledScenarios, type ChosenScenario, chooseScenarios } from "./scenarios/choose.ts";
import { describeEnvironment } from "./scenarios/environment.ts";
import type { Target } from "./scenarios/look.ts";
import type { Evidence } from "./scenarios/outcome.ts";
import { sentenceForOwner } from "./scenarios/owner.ts";
import { openPhones, type Phones } from "./scenarios/phones.ts";
import { type Plan, playAgainst, playOnOwn } from "./scenarios/play.ts";
import { withAnswer } from "./scenarios/poc-script.ts";
import { type Settings, settingsWith } from "./settings.ts";
import { table } from "./table.ts";

export type PocOptions = {
  /** Of scenarios, as the command line has them. */
  names: readonly string[];
  all: boolean;
  answer?: string;
  serial: string;
  repeat: number;
  parallel: number;
  seed: number;
  bail: boolean;
  watch: boolean;
  reports: readonly ReportFile[];
  browser: boolean;
  processes: boolean;
  against?: string;
  deviceDb?: string;
  erp?: string;
  erpKeyFile?: string;
  json: boolean;
};

/** Plays scenarios, against a running kit or on one of its own in a temporary folder, and proves what they say. */
export async function poc(settings: Settings, options: PocOptions): Promise<number> {
  const files = await scenariosOf(settings, options);
  await prepareReports(options.reports);
  await using phones = await openPhones(options);
  if (options.watch) return playAgain(settings, options, { files, phones });
  return (await playOnce(settings, options, { files, phones })) ? 0 : 1;
}

/** Plays at each change of a file, until somebody ends it. */
async function playAgain(settings: Settings, options: PocOptions, { files, phones }: Played): Promise<never> {
  for (let known = files; ; ) {
    // Before they are read: whatever is written from now on is either read here or heard of as a change.
    const change = untilChanged(known.map(({ path }) => path));
    const read = await scenariosOf(settings, options).catch(tellProblem);
    if (read) await playOnce(settings, options, { files: read, phones });
    process.stdout.write("Watching; Ctrl-C ends it.\n");
    await change;
    known = read ?? known;
  }
}

/** Who is still writing a scenario wants to see what is wrong with it, and go on. */
function tellProblem(problem: unknown): undefined {
  if (!(problem instanceof StartError)) throw problem;
  process.stderr.write(`${problem.message}\n`);
}

/** The scenarios that come with the kit. */
export async function listScenarios({ json }: { json: boolean }): Promise<number> {
  const rows = (await bundledScenarios()).map(({ file, scenario: { name, about = "" } }) => ({ file, name, about }));
  const short = (file: string) => file.replace(/^.*\/|\.yaml$/g, "");
  if (json) process.stdout.write(`${JSON.stringify({ data: rows })}\n`);
  else process.stdout.write(table([["NAME", "WHAT IT SHOWS"], ...rows.map(({ file, name }) => [short(file), name])]));
  return 0;
}

async function scenariosOf(settings: Settings, { names, all, answer }: PocOptions): Promise<ChosenScenario[]> {
  const files = await chooseScenarios(names, all);
  for (const file of files) checkKit(settings, file);
  return answer === undefined ? files : files.map((file) => withAnswer(file, answer));
}

/** @throws {StartError} when the settings of a scenario do not fit each other, or those of now */
function checkKit(settings: Settings, { file, scenario, lineOf }: ChosenScenario): void {
  const { settings: more } = scenario.kit ?? {};
  if (!more) return;
  try {
    checkFit(settingsWith(settings, more));
  } catch (error) {
    throw new StartError(`${file}:${String(lineOf(["kit", "settings"]))}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

type Played = { files: readonly ChosenScenario[]; phones: Phones };

async function playOnce(settings: Settings, options: PocOptions, { files, phones }: Played): Promise<boolean> {
  const { reports, against, processes } = options;
  const startedAt = new Date();
  const teller = createTeller({
    json: options.json,
    isOne: files.length * options.repeat === 1,
    isRepeated: options.repeat > 1,
  });
  const { repeat, parallel, seed, bail } = options;
  const plan: Plan = { files, repeat, parallel, seed, bail, openPhone: phones.open, ...teller };
  const played = await (against === undefined ? playOwn(settings, options, plan) : playRunning(against, options, plan));
  const evidence: Evidence = {
    ...played,
    startedAt: startedAt.toISOString(),
    ms: Date.now() - startedAt.getTime(),
    environment: describeEnvironment({ settings, against, processes, guests: phones.about }),
  };
  const { written, problems } = await writeReports(reports, evidence);
  teller.end(evidence, written);
  if (problems.length > 0) throw new StartError(problems.join("\n"));
  return evidence.ok;
}

async function playOwn(settings: Settings, { processes, serial }: PocOptions, plan: Plan) {
  const other = serial === DEMO_DEVICE.serial ? undefined : serial;
  const played = await playOnOwn({ settings, processes, serial: other }, plan);
  return settings.ERP_URL === undefined ? played : withSentence(played);
}

async function playRunning(launchUrl: string, options: PocOptions, plan: Plan) {
  const { deviceDb, erp, erpKeyFile } = options;
  const apiKey = erpKeyFile === undefined ? "" : await readKey(erpKeyFile);
  const target: Target = {
    launchUrl,
    serial: serialOf(launchUrl),
    deviceDb,
    isOurs: false,
    erp: erp === undefined ? undefined : { url: erp, apiKey },
  };
  const played = await playAgainst(target, plan);
  return erp === undefined ? withSentence(played) : played;
}

/** Nobody here can read that ERP: its owner can. */
function withSentence<Part extends Pick<Evidence, "outcomes" | "remarks">>(played: Part): Part {
  const sentences = played.outcomes.flatMap((outcome) => sentenceForOwner(outcome) ?? []);
  return { ...played, remarks: [...played.remarks, ...sentences] };
}

async function readKey(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (cause) {
    throw new StartError(`Cannot read the key file "${file}": ${(cause as Error).message}.`, { cause });
  }
}

function serialOf(launchUrl: string): string {
  return (new URL(launchUrl).pathname.split("/")[2] ?? "").replace(/-\d{1,4}-[\w-]{22}$/, "");
}
