/** A button as the page has it: the scent that it carries, the name that it says for the guest, and what stands on it. */
export type Button = { scent: string; name: string; title: string };

/** The button that somebody means who names a scent or what stands on it. @throws if there is none */
export function pickButton(buttons: readonly Button[], wanted: string): Button {
  const found = buttons.find(({ scent, name, title }) => [scent, name, title].some((word) => isSame(word, wanted)));
  if (found) return found;
  const there = buttons.map(({ title }) => title).join(", ");
  throw new Error(`There is no button "${wanted}"; ${there === "" ? "there is none at all" : `there are ${there}`}.`);
}

function isSame(word: string, wanted: string): boolean {
  return word.toLowerCase() === wanted.toLowerCase();
}
