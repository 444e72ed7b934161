/** A session that happened, as a scenario: whatever was said and came of it is to be so again. */
import type { SessionView } from "../../device-db/contract.ts";
import type { Recorded } from "../transcript-file.ts";
import type { Facts, Scenario } from "./contract.ts";
import { scenarioOfTranscript } from "./import-transcript.ts";
import { requestsIn } from "./look.ts";

export type Happened = { activities: readonly Recorded[]; flow: SessionView | undefined };

/** @throws one sentence when the bot said nothing in it */
export function scenarioOfSession(id: string, { activities, flow }: Happened): Scenario {
  const played = scenarioOfTranscript(activities, `Session ${id}`);
  const when = activities[0]?.timestamp ?? "some time";
  const about = `As it happened${flow ? ` on ${flow.serial}` : ""} at ${when}.`;
  return { ...played, about, ...(flow ? { expect: factsOf(flow) } : {}) };
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
