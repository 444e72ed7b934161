import { behaviour } from "./behaviour.ts";
import { duration } from "./values.ts";

/** Without a time it lasts until it is taken off. */
export const offline = behaviour(
  "It has no network, for a time or until this is taken off.",
  duration("0s"),
  (ms, tools) => {
    tools.hold(true);
    if (ms > 0) tools.after(ms, () => tools.hold(false));
    return { end: () => tools.hold(false) };
  },
);
