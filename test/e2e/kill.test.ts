import { describe, expect, test } from "vitest";
import { PART_NAMES, type PartName } from "../../scripts/parts.ts";
import { listUsages } from "../support/erp-calls.ts";
import { eventually } from "../support/eventually.ts";
import { flowProblems } from "../support/flow-oracle.ts";
import { erpOf, type Kit, listDeliveries, openKitOfProcesses } from "../support/kit.ts";
import { beginPatiently } from "../support/patient-guest.ts";

const SESSIONS = 50;
const SCENTS = ["fire", "wood", "water", "air"];
/** So many usages are there when the process is killed; some deliveries, events and commands are then under way. */
const BEFORE_THE_KILL = 5;
const DEADLINE_MS = 60_000;

/** How many have got through, as seen by a part that is alive. */
async function countDone(kit: Kit, killed: PartName): Promise<number> {
  if (killed === "device-db") return (await listUsages(erpOf(kit))).length;
  return (await listDeliveries(kit)).filter(({ state }) => state === "delivered").length;
}

describe("fifty sessions are fifty usages, none lost and none twice, when one process is killed in their middle", () => {
  test.for(PART_NAMES)("%s", { timeout: 1.5 * DEADLINE_MS }, async (part) => {
    await using kit = await openKitOfProcesses("safe");
    const sessions = await Promise.all(
      Array.from({ length: SESSIONS }, (_, at) =>
        beginPatiently(kit.launchUrl, SCENTS[at % SCENTS.length] ?? "", DEADLINE_MS),
      ),
    );
    const early = sessions.slice(0, SESSIONS / 2).map(({ answer }) => answer());
    await eventually(async () => expect((await listUsages(erpOf(kit))).length).toBeGreaterThanOrEqual(BEFORE_THE_KILL));
    const late = sessions.slice(SESSIONS / 2).map(({ answer }) => answer());
    await kit.kill(part);
    expect(await countDone(kit, part)).toBeLessThan(SESSIONS);

    await kit.start(part);
    await Promise.all([...early, ...late]);
    await eventually(async () => {
      const [deliveries, usages] = [await listDeliveries(kit), await listUsages(erpOf(kit))];
      expect(flowProblems({ sessions, deliveries, usages })).toEqual([]);
    }, DEADLINE_MS);
    expect(await listUsages(erpOf(kit))).toHaveLength(SESSIONS);
  });
});

describe("the count notices", () => {
  const sessions = [
    { sessionId: "s1", scent: "wood" },
    { sessionId: "s2", scent: "air" },
  ];
  const delivery = (id: string, sessionId: string | null) => ({
    id,
    sessionId,
    serial: "P1",
    state: "delivered" as const,
  });
  const usage = (id: number, ref: string | null, scent: string) => ({
    id,
    ref,
    request: `GET /device/switch?serial=P1&submit=&status=checkin&scent=${scent}`,
  });
  const deliveries = [delivery("d1", "s1"), delivery("d2", "s2")];
  const usages = [usage(1, "d1", "wood"), usage(2, "d2", "air")];
  const [firstDelivery, firstUsage] = [deliveries.slice(0, 1), usages.slice(0, 1)];

  test.for<[what: string, rows: Partial<Parameters<typeof flowProblems>[0]>, problems: string[]]>([
    ["nothing where all is well", {}, []],
    ["a missing usage", { usages: firstUsage }, ["delivery d2 has 0 usages"]],
    ["a doubled usage", { usages: [...usages, usage(3, "d2", "air")] }, ["delivery d2 has 2 usages"]],
    ["a usage of nobody", { usages: [...usages, usage(3, null, "air")] }, ["usage 3 belongs to no delivery"]],
    [
      "another scent",
      { usages: [...firstUsage, usage(2, "d2", "fire")] },
      ["delivery d2 came as GET /device/switch?serial=P1&submit=&status=checkin&scent=fire"],
    ],
    ["a missing delivery", { deliveries: firstDelivery, usages: firstUsage }, ["session s2 has 0 deliveries"]],
    [
      "a doubled delivery",
      { deliveries: [...deliveries, delivery("d3", "s2")], usages: [...usages, usage(3, "d3", "air")] },
      ["session s2 has 2 deliveries"],
    ],
    [
      "a delivery of nobody",
      { deliveries: [...deliveries, delivery("d3", null)], usages: [...usages, usage(3, "d3", "air")] },
      ["delivery d3 belongs to no answered session"],
    ],
    [
      "a delivery that is open",
      { deliveries: [...firstDelivery, { ...delivery("d2", "s2"), state: "uncertain" }] },
      ["delivery d2 is uncertain"],
    ],
  ])("%s", ([, rows, problems]) => {
    expect(flowProblems({ sessions, deliveries, usages, ...rows })).toEqual(problems);
  });
});
