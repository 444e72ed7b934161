import { behaviour, type Hand, type Message } from "./behaviour.ts";
import { share } from "./values.ts";

/** What nothing follows goes on by itself after this time. */
const PATIENCE_MS = 1_000;

export const reorder = behaviour("Messages overtake each other.", share("50%"), (often, { random, after }) => {
  const swapping = (): Hand => {
    let held: Message | undefined;
    return (message, pass) => {
      const before = held;
      held = undefined;
      if (before || random() >= often) {
        pass(message);
        return before && pass(before);
      }
      held = message;
      after(PATIENCE_MS, () => {
        if (held !== message) return;
        held = undefined;
        pass(message);
      });
    };
  };
  return { say: swapping(), hear: swapping() };
});
