import { typed } from "../own-program.ts";
import type { PartName } from "../parts.ts";
import { advise, type Check, check, type Finding, failed, notChecked, ok, run } from "./check.ts";
import { devicesCheck } from "./devices.ts";
import { addressCheck } from "./guests-address.ts";
import type { Kit } from "./kit.ts";

export const runningChecks: readonly Check[] = [
  partCheck("bot"),
  partCheck("device-db"),
  partCheck("device-sim"),
  devicesCheck,
  addressCheck,
];

function partCheck(name: PartName): Check {
  return check(name, async (kit) => {
    const look = await kit.part(name);
    if (look.who === "somebody silent") return failed("does not answer", advise("Start it anew, and look at its log."));
    if (look.who !== "this kit") return absentFinding(name, kit);
    if (look.failing.length === 0) return ok("runs, and is ready");
    const detail = `runs, but is not ready: ${look.failing.join(" and ")} failed`;
    return failed(detail, advise("Mend what else fails here; the reason stands in the log of that process."));
  });
}

/** A kit of which a part is missing is broken, and one of which nothing runs is not. Without simulated pods it is whole. */
async function absentFinding(name: PartName, { part }: Kit): Promise<Finding> {
  const others = await Promise.all((["bot", "device-db"] as const).map(part));
  const isMissing = name !== "device-sim" && others.some(({ who }) => who === "this kit");
  if (isMissing) return failed("does not run, though others do", run(typed(`serve ${name}`)));
  return notChecked(`does not run; ${typed("start")} starts the kit`);
}
