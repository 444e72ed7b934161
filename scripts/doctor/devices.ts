import type { DeviceView } from "../../device-db/contract.ts";
import type { PodView } from "../../device-sim/hand-contract.ts";
import { parseJson } from "../../plumbing/json.ts";
import { typed } from "../own-program.ts";
import { USERS } from "./broker-findings.ts";
import { advise, check, type Finding, type Fix, failed, notChecked, ok, run, warning } from "./check.ts";
import type { PartLook } from "./running-part.ts";

const NAMED = 3;

/** A device that is away is worth a word; when all are, nothing works. */
export const devicesCheck = check("devices", async ({ devices, part, broker, settings }) => {
  const registered = await devices();
  if (!registered) return notChecked("only the device database knows");
  const look = await broker().catch(() => undefined);
  return devicesFinding(registered, {
    simulator: await part("device-sim"),
    isBrokerAway: look?.nameless.state === "unreached",
    isBrokerOurs: settings.MQTT_URL === undefined,
  });
});

type Around = { simulator: PartLook; isBrokerAway: boolean; isBrokerOurs: boolean };

export function devicesFinding(registered: readonly DeviceView[], around: Around): Finding {
  const enabled = registered.filter((device) => device.enabled);
  const away = enabled.filter(({ status }) => status !== "online");
  const online = `${String(enabled.length - away.length)} of ${String(enabled.length)} online`;
  const [first] = away;
  if (!first) return enabled.length > 0 ? ok(online) : notChecked("none is enabled");
  const told = away.slice(0, NAMED).map(({ serial, room, status }) => `${serial} in ${room} is ${status}`);
  const detail = `${online}: ${told.join(", ")}${away.length > NAMED ? " …" : ""}`;
  const fix = howToBringBack(first, around);
  return away.length === enabled.length ? failed(detail, fix) : warning(detail, fix);
}

function howToBringBack({ simulated, serial }: DeviceView, { simulator, ...broker }: Around): Fix {
  if (broker.isBrokerAway) return advise("Mend what is said of the broker: without it nobody is online.");
  const newPassword = typed(`devices rotate ${serial}`);
  if (!simulated) return run(newPassword, "Look at its power and its network, or give it another password:");
  if (simulator.who !== "this kit") return run(typed("serve device-sim"));
  const { data: pods } = parseJson(simulator.answer) as { data: PodView[] };
  const isFaulty = pods.some((pod) => pod.serial === serial && pod.faults.length > 0);
  if (isFaulty) return run(typed(`pod ${serial} fault none`));
  return broker.isBrokerOurs ? run(newPassword) : USERS;
}
