import { behaviour, type Hand } from "./behaviour.ts";
import { share } from "./values.ts";

export const reboot = behaviour("It starts anew in the middle of a message.", share("10%"), (often, tools) => {
  const perhaps: Hand = (message, pass) => (tools.random() < often ? tools.reboot() : pass(message));
  return { say: perhaps, hear: perhaps };
});
