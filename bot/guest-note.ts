import type { GuestNote, GuestView } from "./contract.ts";
import type { Language } from "./languages.ts";
import { message } from "./messages.ts";

const NOTHING: GuestNote = { text: "", tone: "", final: false, step: 0 };

/** What became of the guest's choice, said as it is. */
export function noteOf(language: Language, view: GuestView): GuestNote {
  const { scent, command, pod, diffusing } = view;
  if (!command || !scent) return NOTHING;
  const say = (key: Parameters<typeof message>[1]) => message(language, key, { scent });
  switch (command.state) {
    case "accepted":
      return pod === "online" && diffusing === scent
        ? { text: say("note.diffusing"), tone: "good", final: true, step: 3 }
        : { text: say("note.confirmed"), tone: "good", final: true, step: 2 };
    case "rejected":
      return { text: say("note.rejected"), tone: "bad", final: true, step: 1 };
    case "expired":
      return { text: say("note.expired"), tone: "bad", final: true, step: 1 };
    case "pending":
      return { ...NOTHING, text: say(pod === "online" ? "note.sent" : "note.offline"), step: 1 };
  }
}
