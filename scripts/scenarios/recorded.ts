/** A session that happened, as a scenario: whatever was said and came of it is to be so again. */
import { stringify } from "yaml";
import type { SessionView } from "../../device-db/contract.ts";
import type { Recorded } from "../transcript-file.ts";
import type { Facts, Scenario, Step } from "./contract.ts";
import { scenarioOfTranscript } from "./import-transcript.ts";
import { requestsIn } from "./look.ts";

export type Happened = { activities: readonly Recorded[]; flow: SessionView | undefined };

const MODELINE = "# yaml-language-server: $schema=./scenario.schema.json\n";

/** @throws one sentence when the bot said nothing in it */
export function scenarioOfSession(id: string, { activities, flow }: Happened): Scenario {
  const played = scenarioOfTranscript(activities, `Session ${id}`);
  const when = activities[0]?.timestamp ?? "some time";
  const about = `As it happened${flow ? ` on ${flow.serial}` : ""} at ${when}.`;
  return { ...played, about, ...(flow ? { then: factsOf(flow) } : {}) };
}

/** The file that it is kept in. */
export function scenarioText(scenario: Scenario): string {
  const steps = scenario.steps.map(asWritten);
  return MODELINE + stringify({ ...scenario, steps }, { lineWidth: 120, aliasDuplicateObjects: false });
}

/** A step that says nothing but what it is, is one word. */
function asWritten(step: Step): Step | string {
  const [[name, value] = ["", undefined], ...more] = Object.entries(step);
  return value === true && more.length === 0 ? name : step;
}

function factsOf({ serial, state, answer, scent, command, event, delivery, hops }: SessionView): Facts {
  const { requests } = requestsIn([{ hops }]);
  const anySerial = requests.map((request) => request.replace(`serial=${serial}&`, "serial={serial}&"));
  const isCounted = delivery?.state === "delivered" && event?.status === "checkin";
  return {
    session: {
      state: sessionState(state),
      answer,
      ...(scent === null ? {} : { scent: scent as "wood" }),
      command: commandState(command),
    },
    events: event ? [event.status as "checkin"] : [],
    requests: anySerial,
    deliveries: delivery ? [delivery.state] : [],
    usages: isCounted ? anySerial : [],
  };
}

function sessionState(state: string): "started" | "asked" | "ended" | "abandoned" {
  return (["started", "asked", "ended", "abandoned"] as const).find((each) => each === state) ?? "ended";
}

/** The bot calls a command confirmed that the pod has accepted. */
function commandState(command: SessionView["command"]) {
  if (!command) return "none";
  if (command.state === "confirmed") return "accepted";
  return (["pending", "accepted", "rejected", "expired"] as const).find((each) => each === command.state) ?? "pending";
}
