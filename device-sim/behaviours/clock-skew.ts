import { behaviour } from "./behaviour.ts";
import { duration, MAX_MS } from "./values.ts";

export const clockSkew = behaviour(
  "It says the time wrong: ahead, or behind with a minus.",
  duration("5m", -MAX_MS),
  (ms, { skew }) => {
    skew(ms);
    return { end: () => skew(0) };
  },
);
