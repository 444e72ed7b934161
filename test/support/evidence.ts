/** Evidence of each kind, to look at its reports. */
import { isoTime } from "../../plumbing/clock.ts";
import type { Evidence, Outcome } from "../../scripts/scenarios/outcome.ts";
import { counted } from "../../scripts/words.ts";
import { answered, BEGAN, CUT } from "./evidence-flows.ts";
import { outcomeOf, silentPod, twoGuests, withScreenshots, wrongScent } from "./evidence-outcomes.ts";

function namedAs(outcome: Outcome, name: string, about: string): Outcome {
  return { ...outcome, scenario: { name, about, file: `scenarios/${name.toLowerCase().replaceAll(" ", "-")}.yaml` } };
}

const ENVIRONMENT = {
  Kit: "0.1.0",
  Node: "26.10.0",
  System: "Linux 6.12, 2 processors",
  ERP: "the bundled one, in safe mode",
  Parts: "all in one process",
  Guest: "Direct Line and HTTP",
  Broker: "the embedded one (aedes 1.2.0), MQTT 3.1.1",
};

export function evidenceOf(outcomes: readonly Outcome[], more: Partial<Evidence> = {}): Evidence {
  const usages = outcomes.reduce((sum, outcome) => sum + outcome.usages.length, 0);
  const ms = outcomes.reduce((sum, outcome) => sum + outcome.ms, 0);
  const ok = outcomes.every((outcome) => outcome.ok);
  const remarks = [`The ERP holds ${counted(usages, "usage")} for ${String(usages)} proved, none twice.`];
  return {
    ok,
    startedAt: isoTime(BEGAN - 12),
    ms,
    environment: ENVIRONMENT,
    remarks,
    outcomes: [...outcomes],
    skipped: [],
    ...more,
  };
}

/** One scenario that passed, as `npm run poc` has it. */
export function proof(): Evidence {
  return evidenceOf([
    namedAs(
      outcomeOf({ n: 1, scent: "wood", answer: "b" }, ["b"]),
      "The POC script",
      "The guest answers b, which is wood; the ERP gets exactly the documented request, once.",
    ),
  ]);
}

/** Many scenarios, of which two failed and one could not be played. */
export function mixed(): Evidence {
  const cut = outcomeOf({
    n: 21,
    scent: "water",
    erp: [
      [CUT, 30],
      [answered(BEGAN), 12],
    ],
  });
  const rejected = outcomeOf({ n: 22, scent: "fire", pod: { rejects: "the capsule is empty" } });
  const skipped = [
    {
      name: "Schedule with time-in and time-out",
      file: "scenarios/schedule.yaml",
      reason: "It needs the bundled ERP, and ERP_URL names another.",
    },
  ];
  return evidenceOf(
    [
      withScreenshots(outcomeOf({ n: 11, scent: "wood" })),
      outcomeOf({ n: 12, scent: "air" }),
      namedAs(
        outcomeOf({ n: 13, scent: "fire" }, ["pizza", "what?", "fire"]),
        "Nonsense first",
        "What the bot does not understand, it asks again; the answer after that counts.",
      ),
      wrongScent(14),
      silentPod(15),
      namedAs(
        cut,
        "The answer of the ERP is lost",
        "The ERP carries the call out, but its answer never comes. It is sent again under the same key, and there is still one usage.",
      ),
      namedAs(rejected, "Empty capsule", "The pod says no, and why; the guest is told, and nothing is billed."),
      twoGuests(),
    ],
    { skipped },
  );
}

/** One scenario many times; the runs of these numbers failed. */
export function repeated(times: number, failed: readonly number[] = []): Evidence {
  const runs = Array.from({ length: times }, (_, at): Outcome => {
    const n = at + 1;
    const outcome = failed.includes(n)
      ? wrongScent(n)
      : outcomeOf({ n, scent: "wood", answer: "b", at: BEGAN + n * 180 }, ["b"]);
    const scenario = {
      name: "The POC script",
      about: "The guest answers b, which is wood.",
      file: "scenarios/poc.yaml",
    };
    return { ...outcome, scenario, run: n, seed: n };
  });
  return evidenceOf(runs);
}

/** What somebody else may have written, wherever words of others are shown. */
export const HOSTILE =
  `</title></style><script>alert(1)</script><img src="https://elsewhere.example/x.png" onerror=alert(2)> ` +
  `<a href='javascript:alert(3)'>"'&amp;]]>\u0000\u0007\u001b[31m\ud800\uffff\n${"never-ending".repeat(20)}`;

/** What is not written by others, or would be refused before. */
const OWN = /^(at|startedAt|type|by|part|state|.*At|screenshot)$/;

/** Evidence of which each word is hostile. */
export function hostile(): Evidence {
  const evidence = mixed();
  const remarks = [HOSTILE];
  return spoilt({ ...evidence, remarks }) as Evidence;
}

function spoilt(value: unknown, key = ""): unknown {
  if (typeof value === "string") return OWN.test(key) ? value : `${value} ${HOSTILE}`;
  if (Array.isArray(value)) return value.map((one) => spoilt(one, key));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, spoilt(one, name)]));
}
