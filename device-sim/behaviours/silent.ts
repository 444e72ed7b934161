import { behaviour } from "./behaviour.ts";
import { share } from "./values.ts";

export const silent = behaviour("It hears and acts, and says nothing.", share("100%"), (often, { random }) => ({
  say: (message, pass) => random() >= often && pass(message),
}));
