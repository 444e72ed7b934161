import { describe, expect, test } from "vitest";
import { actuationProblems, bookProblems, momentProblems, orderProblems } from "../support/flow-oracle.ts";
import type { DeliveryBooks, Ledgers } from "../support/ledgers.ts";
import { lifeProblems } from "../support/log-oracle.ts";

describe("at any moment", () => {
  const moment = { delivered: ["e1"], usages: [{ id: 1, ref: "e1" }], events: ["e1", "e2"] };
  test.for<[what: string, change: Partial<Parameters<typeof momentProblems>[0]>, problems: string[]]>([
    ["nothing is wrong", {}, []],
    ["one is called delivered too early", { usages: [] }, ["delivery e1 is called delivered and has no usage"]],
    ["one is there twice", { usages: [...moment.usages, { id: 2, ref: "e1" }] }, ["delivery e1 has 2 usages"]],
    ["one is of nobody", { usages: [...moment.usages, { id: 2, ref: "e9" }] }, ['a usage came before the event "e9"']],
  ])("%s", ([, change, problems]) => {
    expect(momentProblems({ ...moment, ...change })).toEqual(problems);
  });
});

test("the order of usages is that of the events of each device", () => {
  const events = ["a1", "b1", "a2"].map((id) => ({ id, serial: id.slice(0, 1) }));
  const usages = (...refs: string[]) => refs.map((ref) => ({ ref, serial: ref.slice(0, 1) }));
  expect(orderProblems(events, usages("b1", "a1", "a2"))).toEqual([]);
  expect(orderProblems(events, usages("a2", "b1", "a1"))).toEqual([
    "the usages of a are not in the order of its events",
  ]);
});

describe("of commands", () => {
  const ledgers: Omit<Ledgers, "erp"> = {
    bot: { sessions: [], commands: [{ id: "c1", sessionId: "s1", serial: "P", state: "accepted" }] },
    pods: { actuations: [{ serial: "P", seq: 1 }], unacked: [] },
    deviceDb: { ...books(), events: [{ id: "e1", serial: "P", seq: 1, commandId: "c1" }] },
  };
  const { bot, pods, deviceDb } = ledgers;
  test.for<[what: string, change: Partial<typeof ledgers>, problems: string[]]>([
    ["nothing is wrong", {}, []],
    [
      "one was carried out twice",
      {
        pods: { ...pods, actuations: [{ serial: "P", seq: 2 }] },
        deviceDb: { ...deviceDb, events: [...deviceDb.events, { id: "e2", serial: "P", seq: 2, commandId: "c1" }] },
      },
      ["command c1 is accepted and has 2 events"],
    ],
    [
      "one is open",
      { bot: { ...bot, commands: bot.commands.map((command) => ({ ...command, state: "pending" as const })) } },
      ["command c1 is pending and has 1 events"],
    ],
    ["nobody asked", { bot: { ...bot, commands: [] } }, ["event e1 of nobody"]],
    [
      "the pod did more than it says",
      { pods: { ...pods, actuations: [{ serial: "P", seq: 2 }] } },
      ["P acted 2 times and has 1 events"],
    ],
    [
      "an event is still repeated",
      { pods: { ...pods, unacked: [{ id: "e1", commandId: "c1" }] } },
      ["event e1 is not acknowledged"],
    ],
  ])("%s", ([, change, problems]) => {
    expect(actuationProblems({ ...ledgers, ...change })).toEqual(problems);
  });
});

describe("in the books", () => {
  const [sent, done] = books().log as [DeliveryBooks["log"][number], DeliveryBooks["log"][number]];
  test.for<[what: string, change: Partial<DeliveryBooks>, problems: string[]]>([
    ["nothing is wrong", {}, []],
    [
      "an entry is of nobody",
      { log: [sent, done, { ...sent, id: "e9" }] },
      ['the log tells of "e9", which is not there'],
    ],
    ["a change is not logged", { log: [sent] }, ["the log of delivery e1 does not lead to delivered"]],
    [
      "an entry is missing between",
      { log: [{ ...sent, to: "pending" }, done] },
      ["the log of delivery e1 does not lead to delivered", "delivery e1 had 1 attempts, 0 are logged"],
    ],
    [
      "an attempt is not logged",
      { deliveries: [{ ...delivery(), attempts: 2 }] },
      ["delivery e1 had 2 attempts, 1 are logged"],
    ],
    [
      "a counter is wrong",
      {
        counts: [
          { state: "created", number: 1 },
          { state: "delivered", number: 2 },
        ],
      },
      ["2 are counted as delivered, 1 there are"],
    ],
    [
      "what nobody knew was settled for no reason",
      {
        log: [sent, { ...done, to: "uncertain" }, { ...done, from: "uncertain", to: "delivered", evidence: null }],
      },
      ["delivery e1 was settled without evidence"],
    ],
  ])("%s", ([, change, problems]) => {
    expect(bookProblems({ ...books(), ...change })).toEqual(problems);
  });
});

describe("of processes", () => {
  const life = {
    part: "bot" as const,
    ended: undefined,
    output: { stdout: "", stderr: '{"level":40}\nkilled at x@1\n' },
  };
  const killed = { code: null, signal: "SIGKILL" as const };
  const says = (stderr: string) => ({ ...life, output: { stdout: "", stderr } });
  test.for<[what: string, lives: Parameters<typeof lifeProblems>[0], problems: string[]]>([
    ["nothing is wrong", [life, { ...life, ended: killed }], []],
    [
      "one ended by itself",
      [{ ...life, ended: { code: 1, signal: null } }],
      ['bot ended by itself: {"code":1,"signal":null}'],
    ],
    ["an error is told", [says('{"level":50}')], ['bot says {"level":50}']],
    ["an exception was caught by nobody", [says("TypeError: no")], ["bot says TypeError: no"]],
    ["a secret is told", [says('{"level":40,"key":"deep-secret"}')], ["bot tells the secret deep…"]],
  ])("%s", ([, lives, problems]) => {
    expect(lifeProblems(lives, { keys: { one: "deep-secret" } })).toEqual(problems);
  });
});

function delivery(): DeliveryBooks["deliveries"][number] {
  return { id: "e1", sessionId: "s1", serial: "P", state: "delivered", attempts: 1 };
}

function books(): DeliveryBooks {
  return {
    events: [],
    deliveries: [delivery()],
    log: [
      { id: "e1", from: null, to: "inflight", evidence: null },
      { id: "e1", from: "inflight", to: "delivered", evidence: "HTTP 200" },
    ],
    counts: [
      { state: "created", number: 1 },
      { state: "delivered", number: 1 },
    ],
  };
}
