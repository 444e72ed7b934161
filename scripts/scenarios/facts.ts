/** Waits until facts are true, and remembers when each became so. */

import { setTimeout as delay } from "node:timers/promises";
import { withoutPeriod } from "../words.ts";
import type { Facts } from "./contract.ts";
import { type Finding, findingsOf, type Words } from "./expect.ts";
import type { Look } from "./look.ts";
import type { Check } from "./outcome.ts";

const WITHIN_MS = 30_000;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 200;
/** How long all must stay true: a usage too many would come soon after the last. */
const STILL_MS = 150;

type Since = Map<string, number>;

type How = {
  words: Words;
  /** What has not ended yet of what these facts are about, if anything. */
  underWay: (facts: Facts) => Promise<string | undefined>;
  /** Whoever is away now may be back later. */
  isPatient: boolean;
};

/** `look` sees what is now, as far as the facts need it. */
export function createFactWaiter(look: (facts: Facts) => Promise<Look>, { words, underWay, isPatient }: How) {
  async function findingsNow(facts: Facts): Promise<Finding[] | Error> {
    try {
      const { seen } = await look(facts);
      const [session] = Object.values(seen.sessions);
      return findingsOf(facts, seen, { ...words, scent: session?.scent ?? "" });
    } catch (failure) {
      return failure as Error;
    }
  }

  /** One check for each fact; those that did not become true in time have failed, and so has what is open at last. */
  async function until(facts: Facts, askForOpen: () => Promise<string | undefined>): Promise<Check[]> {
    const begin = performance.now();
    const within = facts.within ?? WITHIN_MS;
    const trueSince: Since = new Map();
    let findings: Finding[] | Error = [];
    let open: string | undefined;
    let allSince = Number.POSITIVE_INFINITY;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
      findings = await findingsNow(facts);
      const now = performance.now() - begin;
      const isAllTrue = noteTrue(findings, trueSince, now);
      allSince = isAllTrue ? Math.min(allSince, now) : Number.POSITIVE_INFINITY;
      if (findings instanceof Error && !isPatient) break;
      const isStill = now - allSince >= STILL_MS;
      open = isStill ? await askForOpen() : undefined;
      if (isStill && open === undefined) break;
      if (now > within && (isStill || !isAllTrue)) break;
      await delay(pause);
    }
    const took = performance.now() - begin;
    return [...checksOf(findings, trueSince, took), ...openChecks(open, took)];
  }

  return {
    until: (facts: Facts): Promise<Check[]> => until(facts, async () => undefined),

    /** At the end nothing may be under way any more, unless the facts say so: it might become a usage yet. */
    untilEnd: (facts: Facts): Promise<Check[]> => until(facts, () => underWay(facts)),
  };
}

function openChecks(open: string | undefined, took: number): Check[] {
  if (open === undefined) return [];
  const detail = `What comes of it is not known yet: ${withoutPeriod(open)}.`;
  return [{ name: "all has come to its end", ok: false, ms: rounded(took), detail }];
}

/** Whether all are true now. */
function noteTrue(findings: Finding[] | Error, trueSince: Since, now: number): boolean {
  if (findings instanceof Error) return false;
  for (const { name, differences } of findings) {
    if (differences?.length) trueSince.delete(name);
    else if (!trueSince.has(name)) trueSince.set(name, now);
  }
  return findings.every(({ differences }) => !differences?.length);
}

function checksOf(findings: Finding[] | Error, trueSince: Since, now: number): Check[] {
  if (findings instanceof Error)
    return [{ name: "what is true", ok: false, ms: rounded(now), detail: findings.message }];
  return findings.map((finding) => checkOf(finding, rounded(trueSince.get(finding.name) ?? now)));
}

function checkOf(finding: Finding, ms: number): Check {
  const { name, differences, detail } = finding;
  if (!differences) return { name, ok: "not checked", ms: 0 };
  if (differences.length > 0) return { name, ok: false, ms, detail: sentenceOf(finding), differences };
  return { name, ok: true, ms, ...(detail ? { detail } : {}) };
}

const SENTENCES: Partial<Record<keyof Facts, string>> = {
  session: "The session did not become what it should",
  sessions: "The sessions did not become what they should",
  events: "The pod did not report what it should",
  deliveries: "The deliveries did not become what they should",
  requests: "The ERP was not asked what it should be",
  attempts: "The ERP was not called as often as it should be",
  usages: "The ERP does not hold the usages that it should",
  pod: "The pod is not as it should be",
};

function sentenceOf({ key, differences = [] }: Finding): string {
  const [first] = differences;
  const oneLine = (text: string) => text.replaceAll("\n", "; ");
  return `${SENTENCES[key] ?? "It is not true"}: ${first?.what ?? ""} is ${oneLine(first?.seen ?? "")}, not ${oneLine(first?.expected ?? "")}.`;
}

export function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
