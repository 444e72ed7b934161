/** Compares what must be true with what is seen. */
import type { DeliveryState } from "../../device-db/contract.ts";
import type { Usage } from "../../erp-stub/contract.ts";
import { counted } from "../words.ts";
import { type Facts, PATTERN, type SessionFacts, type UsageFacts } from "./contract.ts";
import type { Difference } from "./outcome.ts";

/** A session as its guest and the device database know it; absent is what nobody could be asked for. */
export type SeenSession = {
  state: string;
  scent: string | null;
  command: string;
  reason: string | null;
  told: string;
  answer?: string | null;
};

/** What is seen of a run; a part is absent when there is nobody to ask. */
export type Seen = {
  sessions: Record<string, SeenSession>;
  events?: string[];
  deliveries?: DeliveryState[];
  requests?: string[];
  attempts?: number;
  usages?: Usage[];
  pod?: { diffusing: string; stay: string; status: string; command: string; low: string[] };
};

/** What is put for `{serial}`, `{scent}` and the like. */
export type Words = Record<string, string>;

/** A fact in one line for people, with what differs; `undefined` stands for nobody to ask. */
export type Finding = { name: string; key: keyof Facts; differences: Difference[] | undefined; detail?: string };

type Compare = (facts: Facts, seen: Seen, words: Words) => Finding[];

/** One finding for each fact that is asked for, in the order of the flow. */
export function findingsOf(facts: Facts, seen: Seen, words: Words): Finding[] {
  return [sessionFindings, listFindings, attemptFinding, usageFinding, podFinding].flatMap((compare) =>
    compare(facts, seen, words),
  );
}

/** Whether words are those that are expected: the same, or matched by `/…/i`. */
export function matches(expected: string, seen: string): boolean {
  const [, source, flags] = PATTERN.exec(expected) ?? [];
  return source === undefined ? expected === seen : new RegExp(source, flags).test(seen);
}

/** `{serial}` and the like replaced; a name that nobody gave stays. */
function filled(text: string, words: Words): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => words[name] ?? whole);
}

const sessionFindings: Compare = ({ session, sessions = {} }, seen) => {
  const guests = Object.keys(seen.sessions);
  if (session && guests.length > 1) {
    const differences = [difference("guests", "one", guests.join(" and "))];
    return [{ name: "the session of the one guest", key: "session", differences }];
  }
  const wanted = session ? { [guests[0] ?? "guest"]: session } : sessions;
  return Object.entries(wanted).flatMap(([guest, facts]) => {
    const whose = guests.length > 1 ? `${guest}'s session` : "the session";
    const found = Object.hasOwn(seen.sessions, guest) ? seen.sessions[guest] : undefined;
    return sessionFinding(facts, found, { whose, key: session ? "session" : "sessions" });
  });
};

function sessionFinding(
  facts: SessionFacts,
  seen: SeenSession | undefined,
  { whose, key }: { whose: string; key: "session" | "sessions" },
): Finding[] {
  const shown = Object.values(facts).map((value) => value ?? "none");
  const name = `${whose}: ${shown.join(", ")}`;
  if (!seen) return [{ name, key, differences: [difference(whose, "a session", "none")] }];
  const known = Object.entries(facts) as [keyof SessionFacts, string | null][];
  const unknown = known.some(([fact]) => seen[fact] === undefined);
  const differences = known.flatMap(([fact, expected]) => {
    const value = seen[fact];
    return value === undefined || isSame(expected, value)
      ? []
      : [difference(fact, shownValue(expected), shownValue(value))];
  });
  return [{ name, key, differences: unknown && differences.length === 0 ? undefined : differences }];
}

function isSame(expected: string | null, seen: string | null): boolean {
  return expected === null || seen === null ? expected === seen : matches(expected, seen);
}

const listFindings: Compare = (facts, seen, words) => {
  const lists = [
    ["events", "the pod reported"],
    ["deliveries", "deliveries are"],
    ["requests", "the ERP was asked"],
  ] as const;
  return lists.flatMap(([key, verb]) => {
    const expected = facts[key]?.map((each) => filled(each, words));
    if (!expected) return [];
    const found = seen[key];
    const name = expected.length === 0 ? `${verb}: nothing` : `${verb}: ${expected.join(", ")}`;
    return [{ name, key, differences: found && listDifferences(key, expected, found) }];
  });
};

function listDifferences(what: string, expected: readonly string[], seen: readonly string[]): Difference[] {
  const isEqual = expected.length === seen.length && expected.every((each, at) => each === seen[at]);
  return isEqual ? [] : [difference(what, shownList(expected), shownList(seen))];
}

const attemptFinding: Compare = ({ attempts: expected }, { attempts: found }) => {
  if (expected === undefined) return [];
  const differences = found === undefined ? undefined : [difference("calls", String(expected), String(found))];
  const name = `the ERP was called ${counted(expected, "time")}`;
  return [{ name, key: "attempts", differences: found === expected ? [] : differences }];
};

const usageFinding: Compare = ({ usages: expected }, { usages: found }, words) => {
  if (!expected) return [];
  const name = `the ERP holds ${expected.length === 0 ? "no usage" : counted(expected.length, "usage")}`;
  const detail = found?.map(({ request }) => request).join("\n");
  const differences = found && usageDifferences(expected, found, words);
  return [{ name, key: "usages", differences, ...(detail ? { detail } : {}) }];
};

function usageDifferences(
  expected: readonly (string | UsageFacts)[],
  found: readonly Usage[],
  words: Words,
): Difference[] {
  const wanted = expected.map((each) => (typeof each === "string" ? { request: each } : each));
  if (wanted.length !== found.length)
    return [
      difference(
        "usages",
        shownUsages(
          wanted.length,
          wanted.map(({ request = "a usage" }) => filled(request, words)),
        ),
        shownUsages(
          found.length,
          found.map(({ request }) => request),
        ),
      ),
    ];
  return wanted.flatMap((facts, at) => {
    const seen = seenOfUsage(found[at] as Usage);
    return Object.entries(facts).flatMap(([fact, value]) => {
      const is = seen[fact as keyof UsageFacts];
      const should = typeof value === "string" ? filled(value, words) : value;
      const which = wanted.length > 1 ? `usage ${String(at + 1)}: ${fact}` : fact;
      return is === should ? [] : [difference(which, shownValue(should), shownValue(is))];
    });
  });
}

function seenOfUsage({ request, status, scent, room, startTime, endTime, ...times }: Usage) {
  return {
    request,
    status,
    scent,
    room,
    startTime,
    endTime,
    timein: times.timeinAt !== null,
    timeout: times.timeoutAt !== null,
    checkout: times.checkoutAt !== null,
  };
}

const podFinding: Compare = ({ pod: expected }, { pod: found }) => {
  if (!expected) return [];
  const shown = Object.entries(expected).map(([fact, value]) => `${fact} ${shownValue(value)}`);
  const differences =
    found &&
    Object.entries(expected).flatMap(([fact, value]) => {
      const is = found[fact as keyof typeof found];
      return inAnyOrder(is) === inAnyOrder(value)
        ? []
        : [difference(`pod: ${fact}`, shownValue(value), shownValue(is))];
    });
  return [{ name: `the pod: ${shown.join(", ")}`, key: "pod", differences }];
};

function inAnyOrder(value: Value): string {
  return typeof value === "object" && value !== null ? value.toSorted().join() : String(value);
}

function difference(what: string, expected: string, seen: string): Difference {
  return { what, expected, seen };
}

type Value = string | boolean | readonly string[] | null | undefined;

function shownValue(value: Value): string {
  if (value === null || value === undefined) return "none";
  return typeof value === "object" ? shownList(value) : String(value);
}

function shownList(list: readonly string[]): string {
  return list.length === 0 ? "nothing" : list.join("\n");
}

function shownUsages(count: number, requests: readonly string[]): string {
  return count === 0 ? "no usage" : `${counted(count, "usage")}:\n${requests.join("\n")}`;
}
