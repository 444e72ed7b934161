import { type Command, Option } from "commander";
import { seedNumber, serialNumber } from "./arguments.ts";
import { command, type Flags, type Run, refuse } from "./command.ts";

/** What can be done, and the words that go with it; those in brackets may be left out. */
const DEEDS: Record<string, string> = {
  status: "",
  press: "[next|stop]",
  checkin: "<scent>",
  checkout: "",
  schedule: "<from> <to>",
  intensity: "<1|2|3>",
  drain: "<scent>",
  refill: "<scent>",
  remove: "<scent>",
  fault: "<behaviour…|none>",
};

type PodFlags = Flags & { timeZone?: string; scent?: string };

export function addPod(program: Command, run: Run): void {
  command(program, "pod", "see a simulated pod of the running kit, and lay hands on it")
    .argument("<serial>", "the pod", serialNumber)
    .argument("[what]", usageOf(DEEDS), "status")
    .argument("[words...]", "what goes with it, such as: schedule 08:00 12:00, drain wood, fault late=2s duplicate")
    .option("--time-zone <zone>", "of a schedule (default: that of the pod's room)")
    .option("--scent <scent>", "of a schedule, instead of that of the stay")
    .addOption(
      new Option("--seed <n>", "of faults: the same seed makes them do the same").argParser(seedNumber).default(1),
    )
    .action(async (serial: string, what: string, ...[words, flags]: [string[], PodFlags & { seed: number }]) => {
      const { showPod, layHandOn } = await import("../pod.ts");
      const { json = false } = flags;
      const hand = handOf(what, words, flags);
      if (typeof hand === "string") return refuse(program, hand);
      await run(flags as Flags, (settings) =>
        hand ? layHandOn(settings, serial, { ...hand, json }) : showPod(settings, serial, { json }),
      );
    });
}

type Hand = { name: string; body: object };

/** What to send to the simulator; `undefined` to look only, or a sentence on what is wrong with the words. */
function handOf(what: string, words: readonly string[], flags: PodFlags & { seed: number }): Hand | undefined | string {
  const wanted = Object.hasOwn(DEEDS, what) ? DEEDS[what] : undefined;
  if (wanted === undefined) return `"${what}" is nothing that can be done: ${usageOf(DEEDS)}`;
  const named = wanted === "" ? 0 : wanted.split(" ").length;
  const most = what === "fault" ? Number.POSITIVE_INFINITY : named;
  const least = wanted.startsWith("[") ? 0 : named;
  if (what === "fault" && words.length > 1 && words.includes("none"))
    return "'none' takes all behaviours off: it stands alone";
  if (words.length < least || words.length > most) return `it is: pod <serial> ${`${what} ${wanted}`.trim()}`;
  return what === "status" ? undefined : { name: what, body: bodyOf(what, words, flags) };
}

function bodyOf(
  what: string,
  words: readonly string[],
  { timeZone, scent, seed }: PodFlags & { seed: number },
): object {
  const [first = "", second = ""] = words;
  switch (what) {
    case "press":
      return { button: first || "next" };
    case "schedule":
      return {
        startTime: first,
        endTime: second,
        ...(timeZone === undefined ? {} : { timeZone }),
        ...(scent === undefined ? {} : { scent }),
      };
    case "intensity":
      return { level: first };
    case "fault":
      return { faults: first === "none" ? [] : words, seed };
    case "checkout":
      return {};
    default:
      return { scent: first };
  }
}

function usageOf(deeds: Record<string, string>): string {
  return Object.entries(deeds)
    .map((deed) => deed.join(" ").trim())
    .join(", ");
}
