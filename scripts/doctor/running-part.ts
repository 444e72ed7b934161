import { HOST, type PartName } from "../parts.ts";
import { type Answer, ask, NO_ANSWER } from "./ask.ts";

/** Who answers at a part's port; `failing` are the conditions for being ready that it says do not hold. */
export type PartLook =
  | { who: "nobody" | "another kit" | "a stranger" | "somebody silent" }
  | { who: "this kit"; failing: string[]; answer: string };

/** What each part says of itself, and what it answers only to who has this data folder's key. */
const KNOWN_BY: Record<PartName, { conditions: string[]; path: string; status?: number }> = {
  bot: { conditions: ["broker", "registry"], path: "/api/sessions/doctor", status: 404 },
  "device-db": { conditions: ["store", "broker"], path: "/api/devices" },
  "device-sim": { conditions: ["broker"], path: "/api/pods" },
  erp: { conditions: ["store"], path: "/api/settings" },
};

type Address = { name: PartName; port: number; key: string | undefined };

export async function lookAtPart({ name, port, key }: Address): Promise<PartLook> {
  // Any port of many: where it listens nobody can know.
  if (port === 0) return { who: "nobody" };
  const origin = `http://${HOST}:${String(port)}`;
  const { conditions, path, status = 200 } = KNOWN_BY[name];
  const health = await ask(`${origin}/readyz?verbose`);
  if (!health.answered) return { who: whoSaysNothing(health) };
  const lines = [...health.text.matchAll(/^\[([+-])\](\w+) (?:ok|failed)$/gm)];
  if (lines.map(([, , condition]) => condition).join() !== conditions.join()) return { who: "a stranger" };
  // To a caller behind a proxy they say nothing without the key, not even on this machine.
  const answer = await ask(origin + path, { authorization: `Bearer ${key ?? ""}`, via: "1.1 aromapod-doctor" });
  if (!answer.answered) return { who: whoSaysNothing(answer) };
  if (answer.status === 401 || answer.status === 403) return { who: "another kit" };
  if (answer.status !== status) return { who: "a stranger" };
  const failing = lines.filter(([, mark]) => mark === "-").map(([, , condition = ""]) => condition);
  return { who: "this kit", failing, answer: answer.text };
}

function whoSaysNothing({ isRefused, reason }: Extract<Answer, { answered: false }>) {
  if (isRefused) return "nobody";
  return reason === NO_ANSWER ? "somebody silent" : "a stranger";
}
