import { CAPSULE_ML } from "../capsules.ts";
import { behaviour } from "./behaviour.ts";
import { scent } from "./values.ts";

export const emptyCapsule = behaviour(
  "A capsule is empty until this is taken off.",
  scent("wood"),
  (which, { fill }) => {
    fill(which, 0);
    return { end: () => fill(which, CAPSULE_ML) };
  },
);
