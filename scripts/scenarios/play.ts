/** Plays scenarios, as often and as many at a time as wanted, and puts the evidence together. */
import { type Settings, settingsWith } from "../settings.ts";
import { readUsages } from "../usages.ts";
import { booksOf } from "./books.ts";
import { createControls } from "./controls.ts";
import type { ScenarioGuest } from "./guest.ts";
import { openPlayKit, type PlayKit, type Room } from "./kit.ts";
import type { Target } from "./look.ts";
import { orderOf } from "./order.ts";
import type { Check, Evidence, Outcome } from "./outcome.ts";
import { playScenario } from "./run.ts";
import type { ScenarioFile } from "./scenario-file.ts";
import type { Stage } from "./take-step.ts";

/** How a guest gets a phone that has scanned this room's card; `kit` is absent where others own it. */
export type OpenPhone = (room: Room, kit: PlayKit | undefined) => Promise<ScenarioGuest>;

export type Plan = {
  files: readonly ScenarioFile[];
  repeat: number;
  parallel: number;
  seed: number;
  /** The first failure ends it. */
  bail: boolean;
  openPhone: OpenPhone;
  onStep: (check: Check) => void;
  onOutcome: (outcome: Outcome) => void;
};

/** A kit of its own for all, or for each scenario that wants one. */
export type Own = { settings: Settings; processes: boolean; serial: string | undefined };

type Played = Pick<Evidence, "outcomes" | "skipped" | "remarks"> & { ok: boolean };
type Work = { file: ScenarioFile; run: number };

/** Plays them on kits that are made for it. */
export async function playOnOwn(own: Own, plan: Plan): Promise<Played> {
  const isBundled = own.settings.ERP_URL === undefined;
  const skipped = isBundled
    ? []
    : skippedOf(plan.files, needsBundledErp, "It needs the bundled ERP, and ERP_URL names another.");
  const files = plan.files.filter(({ file }) => !skipped.some((each) => each.file === file));
  const alone = new Set(files.filter((file) => needsOwnKit(file) || looksAtPod(file)));
  await using shared = shareKit(own, plan, files.length > alone.size);
  const outcomes = await playEach({ ...plan, files }, async (work, worker) => {
    if (alone.has(work.file)) return playAlone(own, plan, work);
    const kit = await shared.kit();
    const room = kit.rooms[worker % kit.rooms.length] as Room;
    return playIn(kit, room, { plan, work });
  });
  const { own: inOwn = [], common = [] } = Object.groupBy(outcomes, ({ scenario }) =>
    [...alone].some(({ file }) => file === scenario.file) ? "own" : "common",
  );
  const books = await shared.balance({ common, own: inOwn });
  return { outcomes, skipped, remarks: books.remarks, ok: isProved(outcomes) && books.ok };
}

/** Plays what only needs guests, at a kit that others own. */
export async function playAgainst(target: Target, plan: Plan): Promise<Played> {
  const skipped = skippedOf(plan.files, needsOwnKit, "It needs a kit of its own, without --against.");
  const files = plan.files.filter(({ file }) => !skipped.some((each) => each.file === file));
  const outcomes = await playEach({ ...plan, files }, (work) =>
    playScenario(
      work.file,
      { target, openPhone: () => plan.openPhone(target, undefined), controls: undefined },
      whichOf(plan, work),
    ),
  );
  return { outcomes, skipped, remarks: [], ok: isProved(outcomes) };
}

function isProved(outcomes: readonly Outcome[]): boolean {
  return outcomes.length > 0 && outcomes.every(({ ok }) => ok);
}

function skippedOf(files: readonly ScenarioFile[], isConcerned: (file: ScenarioFile) => boolean, reason: string) {
  return files.filter(isConcerned).map(({ file, scenario }) => ({ name: scenario.name, file, reason }));
}

/** Guests alone disturb nobody; whatever else is done would. */
function needsOwnKit({ scenario }: ScenarioFile): boolean {
  const { kit, steps } = scenario;
  return (
    kit !== undefined ||
    steps.some(({ pod, operator, erp }) => pod !== undefined || operator !== undefined || erp !== undefined)
  );
}

/** What a pod does is not its guest's alone, in a room where others have been before. */
function looksAtPod({ scenario: { steps, expect } }: ScenarioFile): boolean {
  return [expect, ...steps.map(({ until }) => until)].some((facts) => facts?.pod !== undefined);
}

function needsBundledErp({ scenario: { kit = {}, steps } }: ScenarioFile): boolean {
  const isSetFor = kit.serial !== undefined || Object.keys(kit.settings ?? {}).some((name) => name.startsWith("ERP_"));
  return isSetFor || steps.some(({ erp, operator = "" }) => erp !== undefined || tellsErpOf(operator));
}

/** A schedule with times of now is one that an ERP of others cannot know. */
function tellsErpOf(operator: string): boolean {
  const order = orderOf(operator);
  return (
    typeof order === "object" &&
    order.action === "schedule" &&
    [order.from, order.to].some((time) => typeof time === "number")
  );
}

/** As many at a time as wanted, each after the one before it in the list. */
async function playEach(plan: Plan, playOne: (work: Work, worker: number) => Promise<Outcome>): Promise<Outcome[]> {
  const { files, repeat, parallel, bail, onOutcome } = plan;
  const works = Array.from({ length: repeat }, (_, at) => files.map((file) => ({ file, run: at + 1 }))).flat();
  const outcomes: { at: number; outcome: Outcome }[] = [];
  const left = works.entries();
  const isOver = () => bail && outcomes.some(({ outcome }) => !outcome.ok);
  const worker = async (_: unknown, number: number): Promise<void> => {
    for (const [at, work] of left) {
      if (isOver()) return;
      const outcome = await playOne(work, number);
      outcomes.push({ at, outcome });
      onOutcome(outcome);
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, works.length) }, worker));
  return outcomes.sort((a, b) => a.at - b.at).map(({ outcome }) => outcome);
}

/** On a kit that differs in what the scenario asks for, and is gone afterwards. */
async function playAlone({ settings, processes, serial }: Own, plan: Plan, work: Work): Promise<Outcome> {
  const { settings: more = {}, serial: wanted } = work.file.scenario.kit ?? {};
  await using kit = await openPlayKit(settingsWith(settings, more), { rooms: 1, serial: wanted ?? serial, processes });
  return await playIn(kit, kit.rooms[0] as Room, { plan: { ...plan, parallel: 1 }, work });
}

function playIn(kit: PlayKit, room: Room, { plan, work }: { plan: Plan; work: Work }): Promise<Outcome> {
  const { run, seed, onStep } = whichOf(plan, work);
  const stage: Stage = {
    // In a room that several use at a time, only what belongs to a session can be told apart.
    target: { ...room, deviceDb: kit.urls.deviceDb, erp: kit.erp, isOurs: kit.rooms.length >= atATime(plan) },
    openPhone: () => plan.openPhone(room, kit),
    controls: createControls(kit, room.serial, seed),
  };
  return playScenario(work.file, stage, { run, seed, onStep });
}

function whichOf({ seed, onStep }: Plan, { run }: Work) {
  return { run, seed: seed + run - 1, onStep };
}

function atATime({ parallel, repeat, files }: Plan): number {
  return Math.min(parallel, repeat * files.length);
}

/** The kit that all share who need none of their own, with a room for each that is played at a time. */
function shareKit({ settings, processes, serial }: Own, plan: Plan, isWanted: boolean) {
  // Another ERP knows the one device only.
  const rooms = settings.ERP_URL === undefined ? atATime(plan) : 1;
  let opened: Promise<PlayKit> | undefined;

  return {
    kit: (): Promise<PlayKit> => (opened ??= openPlayKit(settings, { rooms, serial, processes })),

    /** Compares all that its ERP holds with what was seen run by run. */
    async balance(played: { common: Outcome[]; own: Outcome[] }): Promise<{ ok: boolean; remarks: string[] }> {
      const kit = isWanted ? await opened : undefined;
      if (!kit?.erp) return { ok: true, remarks: [] };
      return booksOf({ ...played, held: await readUsages(kit.erp, "") });
    },

    [Symbol.asyncDispose]: async () => {
      // Why it did not open has been told to who asked for it.
      const kit = await opened?.catch(() => undefined);
      await kit?.[Symbol.asyncDispose]();
    },
  };
}
