import { behaviour } from "./behaviour.ts";
import { duration } from "./values.ts";

const SHORTEST_MS = 50;

export const flakyWifi = behaviour(
  "The connection breaks, every so often on average.",
  duration("10s", 100),
  (ms, tools) => {
    const next = (): void =>
      tools.after(Math.max(SHORTEST_MS, -Math.log(1 - tools.random()) * ms), () => {
        tools.cut();
        next();
      });
    next();
    return {};
  },
);
