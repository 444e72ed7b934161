/** What can be done to a simulated pod, as people write it on the command line and in scenarios. */

/** What can be done, and the words that go with it; those in brackets may be left out. */
export const DEEDS: Record<string, string> = {
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

type Further = { timeZone?: string; scent?: string; seed: number };

export type Hand = { name: string; body: object };

/** What to send to the simulator; `undefined` to look only, or a sentence on what is wrong with the words. */
export function handOf(what: string, words: readonly string[], flags: Further): Hand | undefined | string {
  const wanted = Object.hasOwn(DEEDS, what) ? DEEDS[what] : undefined;
  if (wanted === undefined) return `"${what}" is nothing that can be done: ${usageOfHands()}`;
  const named = wanted === "" ? 0 : wanted.split(" ").length;
  const most = what === "fault" ? Number.POSITIVE_INFINITY : named;
  const least = wanted.startsWith("[") ? 0 : named;
  if (what === "fault" && words.length > 1 && words.includes("none"))
    return "'none' takes all behaviours off: it stands alone";
  if (words.length < least || words.length > most) return `it is: pod <serial> ${`${what} ${wanted}`.trim()}`;
  return what === "status" ? undefined : { name: what, body: bodyOf(what, words, flags) };
}

function bodyOf(what: string, words: readonly string[], { timeZone, scent, seed }: Further): object {
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

export function usageOfHands(): string {
  return Object.entries(DEEDS)
    .map((deed) => deed.join(" ").trim())
    .join(", ");
}
