import { behaviour } from "./behaviour.ts";
import { share } from "./values.ts";

const MAX_BYTES = 300;

export const garbage = behaviour("It says rubbish in between.", share("50%"), (often, { random }) => ({
  say(message, pass) {
    // What the broker keeps of a topic is to be a good word.
    if (random() < often) pass({ ...message, payload: rubbish(message.payload, random), retain: false });
    pass(message);
  },
}));

/** No JSON, JSON of another shape, or a message that breaks off. */
function rubbish(payload: unknown, random: () => number): unknown {
  const bytes = () => Uint8Array.from({ length: Math.floor(random() * MAX_BYTES) }, () => Math.floor(random() * 256));
  const text = JSON.stringify(payload);
  const kinds = [
    bytes,
    () => null,
    () => [payload],
    () => ({ id: "not an id", seq: -1, commandId: {}, at: "yesterday" }),
    () => Buffer.from(text.slice(0, Math.floor(random() * text.length))),
  ];
  return kinds[Math.floor(random() * kinds.length)]?.();
}
