/** Runs of scenarios with all that is known of them. */
import { readFileSync } from "node:fs";
import type { Usage } from "../../erp-stub/contract.ts";
import { isoTime } from "../../plumbing/clock.ts";
import type { Check, Outcome, Saying } from "../../scripts/scenarios/outcome.ts";
import { SERIAL } from "./devices.ts";
import { BEGAN, guestFlow, idOf, type Wish } from "./evidence-flows.ts";

const QUESTION = "Which scent would you like? a) fire, b) wood, c) water, d) air";
const CHOICES = ["a) Fire", "b) Wood", "c) Water", "d) Air"];

/** A guest who is asked, says all this, and gets what the last word asks for. */
export function outcomeOf(wish: Wish, words: readonly string[] = [wish.scent], guest = ""): Outcome {
  const { scent, at = BEGAN } = wish;
  const flow = guestFlow(wish);
  const session = { guest, id: flow.id, answer: words.at(-1) ?? "", scent };
  const delivered = flow.delivery?.state === "delivered";
  return {
    ok: true,
    scenario: {
      name: `A guest picks ${scent}`,
      about: `The guest scans the card, answers, and gets ${scent}; the ERP gets one usage.`,
      file: `scenarios/${scent}.yaml`,
    },
    run: 1,
    seed: 1,
    serial: SERIAL,
    startedAt: isoTime(at - 12),
    ms: Date.parse(flow.hops.at(-1)?.at ?? "") - at + 30,
    sessions: [session],
    said: sayings({ guest, words, scent, at }),
    steps: stepsOf(wish, words),
    flows: [flow],
    deliveries: flow.delivery ? [flow.delivery] : [],
    usages: delivered ? [usageOf(wish)] : [],
  };
}

function sayings({
  guest,
  words,
  scent,
  at,
}: {
  guest: string;
  words: readonly string[];
  scent: string;
  at: number;
}): Saying[] {
  const say = (by: Saying["by"], text: string, ms: number): Saying => ({
    at: isoTime(at + ms),
    guest,
    by,
    type: "message",
    text,
  });
  const asks = (text: string, ms: number): Saying => ({ ...say("bot", text, ms), choices: CHOICES });
  const wrong = words
    .slice(0, -1)
    .flatMap((word, index) => [
      say("guest", word, 20 + index * 10),
      asks("Sorry, I did not understand that. Please choose one: a) fire, b) wood, c) water, d) air", 24 + index * 10),
    ]);
  return [
    asks(QUESTION, 1),
    ...wrong,
    say("guest", words.at(-1) ?? "", 84),
    say("bot", `Thank you. I am asking your AromaPod for ${scent}.`, 84),
    { ...say("bot", "", 84), type: "end" },
  ];
}

function stepsOf({ scent }: Wish, words: readonly string[]): Check[] {
  return [
    { name: "the guest scans the card", ok: true, ms: 11.4, line: 5 },
    { name: "the bot asks", ok: true, ms: 2.1, line: 6, detail: QUESTION },
    ...words.map((word, at): Check => ({ name: `the guest says "${word}"`, ok: true, ms: 8.7, line: 7 + at })),
    {
      name: "the bot says thanks and ends the session",
      ok: true,
      ms: 1.9,
      line: 9,
      detail: `Thank you. I am asking your AromaPod for ${scent}.`,
    },
    { name: "the session", ok: true, ms: 64.2, line: 11, detail: `ended, ${scent}, command accepted` },
    { name: "the calls to the ERP", ok: true, ms: 41.8, line: 14, detail: requestOf(scent) },
    { name: "the ERP’s usages", ok: true, ms: 6.3, line: 15, detail: "one, opened by that call" },
  ];
}

export function requestOf(scent: string): string {
  return `GET /device/switch?serial=${SERIAL}&submit=&status=checkin&scent=${scent}`;
}

function usageOf({ n, scent, at = BEGAN }: Wish): Usage {
  const none = { timeinAt: null, timeoutAt: null, checkoutAt: null, intervals: [], startTime: null, endTime: null };
  const whose = { id: n, ref: idOf("c", n), serial: SERIAL, scent, room: "Room 101" };
  return {
    ...whose,
    status: "checkin",
    source: "webhook",
    checkinAt: isoTime(at + 124),
    ...none,
    request: requestOf(scent),
  };
}

/** With pictures of the guest's phone, as if it had been played in a browser. */
export function withScreenshots(outcome: Outcome): Outcome {
  const picture = (name: string) => readFileSync(new URL(`../../docs/${name}.png`, import.meta.url)).toString("base64");
  const shots = new Map([
    [1, picture("guest-question")],
    [3, picture("guest-answered")],
  ]);
  const steps = outcome.steps.map((step, at) => ({
    ...step,
    ...(shots.has(at) ? { screenshot: shots.get(at) as string } : {}),
  }));
  return { ...outcome, steps };
}

/** The pod diffuses something else than was asked for. */
export function wrongScent(n: number): Outcome {
  const outcome = outcomeOf({ n, scent: "fire", answer: "b" }, ["b"]);
  const error = "The ERP was not asked what it should be.";
  const differences = [{ what: "the calls to the ERP", expected: requestOf("wood"), seen: requestOf("fire") }];
  const steps = outcome.steps
    .slice(0, 5)
    .concat({ name: "the calls to the ERP", ok: false, ms: 30_000, line: 14, detail: error, differences });
  return {
    ...outcome,
    ok: false,
    error,
    steps,
    ms: 30_214,
    scenario: {
      name: "The POC script",
      about: "The guest answers b, which is wood; the ERP gets exactly the documented request.",
      file: "scenarios/poc.yaml",
    },
  };
}

/** The pod never replies. */
export function silentPod(n: number): Outcome {
  const outcome = outcomeOf({ n, scent: "water", pod: "is silent" });
  const error = "The pod did not confirm in time.";
  const differences = [
    { what: "the session’s command", expected: "accepted", seen: "expired" },
    { what: "the pod’s events", expected: "checkin", seen: "" },
  ];
  const steps = outcome.steps
    .slice(0, 4)
    .concat({ name: "the session", ok: false, ms: 2_093.4, line: 11, detail: error, differences });
  return { ...outcome, ok: false, error, missing: "the pod accepts the command", steps, ms: 2_124 };
}

export function twoGuests(): Outcome {
  const [ann, bo] = [
    outcomeOf({ n: 31, scent: "air" }, ["d"], "Ann"),
    outcomeOf({ n: 32, scent: "fire", at: BEGAN + 40 }, ["pizza", "fire"], "Bo"),
  ];
  return {
    ...ann,
    scenario: {
      name: "Two guests on one pod",
      about: "Both scan the same card. Each gets what was chosen, one after the other, and each is a usage.",
      file: "scenarios/two-guests.yaml",
    },
    sessions: [...ann.sessions, ...bo.sessions],
    said: [...ann.said, ...bo.said].sort((a, b) => Date.parse(a.at) - Date.parse(b.at)),
    flows: [...ann.flows, ...bo.flows],
    deliveries: [...ann.deliveries, ...bo.deliveries],
    usages: [...ann.usages, ...bo.usages],
  };
}
