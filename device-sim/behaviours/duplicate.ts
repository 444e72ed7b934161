import { behaviour, type Hand } from "./behaviour.ts";
import { share } from "./values.ts";

export const duplicate = behaviour("It says and hears things twice.", share("100%"), (often, { random }) => {
  const twice: Hand = (message, pass) => {
    pass(message);
    if (random() < often) pass(message);
  };
  return { say: twice, hear: twice };
});
