import { isWhole } from "./call-journal.ts";
import { SWITCH_PATH } from "./switch-routes.ts";

const METHOD = "GET ";

/** What can be made again of a journaled call: its parameters, or why it cannot. */
export type Replay = { query: URLSearchParams } | { reason: string };

/** @param request method and URL, as the journal has them */
export function replayOf(request: string): Replay {
  const url = request.slice(METHOD.length);
  const [path, ...rest] = url.split("?");
  if (!request.startsWith(METHOD) || path !== SWITCH_PATH) return { reason: OTHER_CALL };
  return isWhole(request) ? { query: new URLSearchParams(rest.join("?")) } : { reason: CUT };
}

const OTHER_CALL = `Only calls of GET ${SWITCH_PATH} can be made again.`;
const CUT = "This call was longer than what the journal keeps of it, so it cannot be made again.";
