import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { PocLine } from "../../scripts/poc-output.ts";
import { openHome } from "../support/home.ts";

const request = (scent: string) => `GET /device/switch?serial={serial}&submit=&status=checkin&scent=${scent}`;
const guest = (answer: string) => `  - scan
  - hear: Which scent would you like?
  - say: ${answer}
  - hear: /Thank/
  - ends
`;

/** What is not so, or cannot be known yet, and would be easy to take for proved. */
const NOT_SO: Record<string, { steps: string; expect: string; error: RegExp }> = {
  "an event that comes late": {
    steps: `  - pod: fault late=2s\n${guest("b")}`,
    expect: "{ events: [], within: 4s }",
    error: /^The pod did not report what it should: events is checkin, not nothing\.$/,
  },
  "a usage that comes when the ERP is back": {
    steps: `  - erp: away\n${guest("b")}  - erp: back\n`,
    expect: "{ usages: [], within: 6s }",
    error: /^The ERP does not hold the usages that it should: usages is 1 usage:/,
  },
  "a call that is going to be repeated": {
    steps: `  - erp: away\n${guest("b")}`,
    expect: "{ events: [checkin], within: 1s }",
    error: /^What comes of it is not known yet: the delivery of a checkin is (pending|inflight)\.$/,
  },
  "a command that the pod has not answered": {
    steps: `  - pod: fault offline\n${guest("b")}`,
    expect: "{ usages: [], within: 1s }",
    error: /^What comes of it is not known yet: a command waits for the pod's reply\.$/,
  },
  "a call of which nobody knows what became": {
    steps: `  - erp: { fault: error-before }\n${guest("b")}`,
    expect: "{ attempts: 1, usages: [], within: 1s }",
    error: /^What comes of it is not known yet: the delivery of a checkin is (pending|inflight|uncertain)\.$/,
  },
  "a command of the hotel that the pod has not answered": {
    steps: "  - pod: fault offline\n  - operator: checkin wood\n",
    expect: "{ events: [], within: 1s }",
    error: /^What comes of it is not known yet: a command waits for the pod's reply\.$/,
  },
  "the end of a session instead of words": {
    steps: guest("b").replace("  - ends\n", "  - hear: /./\n"),
    expect: "{ session: { state: ended } }",
    error: /^The bot ends the session\.$/,
  },
  "buttons that are others": {
    steps: '  - scan\n  - hear: { choices: ["a) Fire | b) Wood", c) Water, d) Air] }\n',
    expect: "{ session: { state: asked } }",
    error: /^The bot says something else\.$/,
  },
  "the usage of a session before": {
    steps: guest("a") + guest("b"),
    expect: `{ usages: ["${request("wood")}"], within: 1s }`,
    error: /^The ERP does not hold the usages that it should: usages is 2 usages:/,
  },
  "words that nobody hears before the card is scanned again": {
    steps: `  - scan\n${guest("b")}`,
    expect: "{ session: { state: ended } }",
    error: /^The bot says more than the scenario hears\.$/,
  },
  "a pod that another guest has set going": {
    steps: "  - scan\n  - hear: Which scent would you like?\n",
    expect: "{ pod: { diffusing: wood }, within: 1s }",
    error: /^The pod is not as it should be: pod: diffusing is nothing, not wood\.$/,
  },
};
const SO: Record<string, { steps: string; expect: string }> = {
  "two sessions of one guest": {
    steps: guest("a") + guest("b"),
    expect: `{ requests: ["${request("fire")}", "${request("wood")}"], attempts: 2 }`,
  },
  "a command that is to wait": {
    steps: "  - pod: fault offline\n  - operator: checkin wood\n",
    expect: "{ events: [], pod: { command: pending } }",
  },
};

test("nothing is proved that is not so, or that cannot be known yet", { timeout: 60_000 }, async () => {
  await using home = await openHome();
  await mkdir(join(home.path, "proofs"));
  const write = (name: string, steps: string, facts: string) =>
    writeFile(join(home.path, "proofs", `${name}.yaml`), `name: ${name}\nsteps:\n${steps}expect: ${facts}\n`);
  for (const [name, { steps, expect: facts }] of Object.entries({ ...NOT_SO, ...SO })) await write(name, steps, facts);
  // The POC script's guest has been in the room of the next one.
  const { code, stdout } = await home.run(["poc", "poc", "proofs", "--json", "--parallel", "4"], {}, 50_000);
  const lines = stdout.trimEnd().split("\n");
  const seen = lines.map((line) => JSON.parse(line) as PocLine).map(({ scenario, error }) => [scenario, error]);
  const failures = Object.entries(NOT_SO).map(([name, { error }]) => [name, expect.stringMatching(error)]);
  const passes = ["The POC script", ...Object.keys(SO)].map((name) => [name, undefined]);
  expect(new Map(seen as [string, string | undefined][])).toEqual(
    new Map([...failures, ...passes] as [string, string][]),
  );
  expect(code).toBe(1);
});
