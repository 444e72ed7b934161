/** The way from the guest to the ERP, and where it broke off. */
import type { FlowPart, SessionView } from "../../device-db/contract.ts";

type Place = { part: FlowPart; names: readonly string[]; sentence: string };

const WAY: readonly Place[] = [
  { part: "phone", names: ["chat opened"], sentence: "the guest opens the chat" },
  { part: "bot", names: ["asked"], sentence: "the bot asks" },
  { part: "phone", names: ["answered"], sentence: "the guest answers" },
  { part: "bot", names: ["session ended"], sentence: "the session ends" },
  { part: "broker", names: ["command handed on", "command repeated"], sentence: "the broker hands the command on" },
  { part: "pod", names: ["accepted", "duplicate"], sentence: "the pod accepts the command" },
  { part: "pod", names: ["event reported"], sentence: "the pod reports its event" },
  { part: "device database", names: ["event recorded"], sentence: "the device database records the event" },
  { part: "ERP", names: ["called"], sentence: "the device database calls the ERP" },
  { part: "ERP", names: ["answered"], sentence: "the ERP answers" },
  { part: "device database", names: ["delivered"], sentence: "the delivery is proved" },
];

/** In words, or `undefined` when every hop happened. */
export function missingHop({ hops }: Pick<SessionView, "hops">): string | undefined {
  return WAY.find(({ part, names }) => !hops.some((hop) => hop.part === part && names.includes(hop.name)))?.sentence;
}
