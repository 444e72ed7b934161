import { expect, test } from "vitest";
import { checkText, outcomeText, summaryText } from "../../scripts/evidence/terminal.ts";
import type { Evidence } from "../../scripts/scenarios/outcome.ts";
import { widthOf } from "../../scripts/table.ts";
import { evidenceOf, hostile, mixed, proof, repeated } from "../support/evidence.ts";
import { outcomeOf, silentPod, wrongScent } from "../support/evidence-outcomes.ts";

const EVIDENCE: Record<string, () => Evidence> = {
  "one scenario": proof,
  "many scenarios": mixed,
  "many runs": () => repeated(9, [7]),
  "hostile words": hostile,
  "wide letters": () => evidenceOf([outcomeOf({ n: 1, scent: "wood" }, ["木の香りをお願いします、".repeat(20)])]),
};

const linesOf = (text: string) => text.split("\n");

test.each(Object.entries(EVIDENCE))("nothing is wider than 80 columns, nothing steers the terminal: %s", (_, make) => {
  const evidence = make();
  const told = evidence.outcomes.flatMap((outcome) => [
    ...[true, false].map((more) => outcomeText(outcome, { more })),
    ...outcome.steps.map(checkText),
  ]);
  for (const text of [...told, summaryText(evidence, { runsAreTold: false })]) {
    expect(linesOf(text).filter((line) => widthOf(line) > 80)).toEqual([]);
    expect(text.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  }
});

test("a run that passed is one line", () => {
  const outcome = outcomeOf({ n: 1, scent: "wood", answer: "b" }, ["b"]);
  expect(outcomeText(outcome, { more: true })).toMatch(/^✔ A guest picks wood +1 usage, 178 ms\n$/);
  expect(outcomeText({ ...outcome, run: 2 }, { more: false })).toMatch(/^✔ A guest picks wood, run 2 +1 usage/);
});

test("a step has its mark, its time and what is known of it; one that was not checked says so", () => {
  expect(checkText({ name: "the bot asks", ok: true, ms: 11.44, detail: "one\ntwo" })).toBe(
    "✔     11.4 ms  the bot asks\n               one\n               two\n",
  );
  expect(checkText({ name: "the session", ok: false, ms: 30_000, detail: "told of the run" })).toBe(
    "✘  30000.0 ms  the session\n",
  );
  expect(checkText({ name: "the ERP’s usages", ok: "not checked", ms: 0 })).toBe("– not checked  the ERP’s usages\n");
});

test("a failure shows all that was otherwise, of each check", () => {
  const outcome = silentPod(1);
  const more = { what: "usages", expected: "1", seen: "0" };
  const steps = [...outcome.steps, { name: "the ERP’s usages", ok: false, ms: 1, differences: [more] }];
  const text = outcomeText({ ...outcome, steps }, { more: false });
  for (const what of ["the session’s command", "the pod’s events", "usages"]) expect(text).toContain(`\n    ${what}\n`);
});

test("a failure shows expected beside seen, and points at what differs", () => {
  expect(outcomeText(wrongScent(1), { more: false })).toBe(`\
✘ The POC script                                                 1 usage, 30.2 s
    The ERP was not asked what it should be.
    scenarios/poc.yaml:14, the calls to the ERP

    the calls to the ERP
    expected                               seen
    GET /device/switch?serial=HKAP010000   GET /device/switch?serial=HKAP010000
    0001&submit=&status=checkin            0001&submit=&status=checkin
    &scent=wood                            &scent=fire
           ^^^^                                   ^^^^

`);
});

test("a failure names the first hop that did not happen, and with more tells each that did", () => {
  const text = outcomeText(silentPod(1), { more: true });
  expect(text).toContain("\n    The first hop that did not happen: the pod accepts the command\n");
  expect(text).toContain("\n    checkin                                nothing\n");
  expect(text).toContain("\n    +1090 ms  broker  command repeated  the pod has not replied yet\n");
});

test("the summary tells what failed last, then the whole", () => {
  expect(summaryText(mixed(), { runsAreTold: false })).toBe(`\
  Scenario                            Verdict     Usages  Time
✔ A guest picks wood                  passed      1       178 ms
✔ A guest picks air                   passed      1       178 ms
✔ Nonsense first                      passed      1       178 ms
✔ The answer of the ERP is lost       passed      1       2.7 s
✔ Empty capsule                       passed      0       150 ms
✔ Two guests on one pod               passed      2       178 ms
– Schedule with time-in and time-out  not played
    It needs the bundled ERP, and ERP_URL names another.
✘ The POC script                      failed      1       30.2 s
    The ERP was not asked what it should be. (scenarios/poc.yaml:14)
✘ A guest picks water                 failed      0       2.1 s
    The pod did not confirm in time. (scenarios/water.yaml:11)

The ERP holds 7 usages for 7 proved, none twice.
2 of 8 scenarios failed. It took 35.9 s.
`);
  expect(summaryText(repeated(200, [7]), { runsAreTold: false })).toContain(
    "✘ The POC script  1 of 200 failed  200     178 ms\n",
  );
});

test("where each run was told, the summary has a line only for what was not played", () => {
  expect(linesOf(summaryText(mixed(), { runsAreTold: true })).filter((line) => /^[✔✘–]/.test(line))).toEqual([
    "– Schedule with time-in and time-out  not played",
  ]);
});
