import { CAPSULE_ML } from "../capsules.ts";
import { behaviour } from "./behaviour.ts";
import { scents } from "./values.ts";

export const emptyCapsule = behaviour(
  "A capsule is empty, or several are, until this is taken off.",
  scents("wood"),
  (those, { fill }) => {
    for (const scent of those) fill(scent, 0);
    return { end: () => those.forEach((scent) => fill(scent, CAPSULE_ML)) };
  },
);
