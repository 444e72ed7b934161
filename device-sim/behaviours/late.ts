import { behaviour } from "./behaviour.ts";
import { duration } from "./values.ts";

export const late = behaviour("It says everything later.", duration("2s"), (ms, { after }) => ({
  say: (message, pass) => after(ms, () => pass(message)),
}));
