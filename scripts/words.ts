/** Pieces of sentences for people. */

/** `2 usages`, `1 usage`. */
export function counted(count: number, thing: string): string {
  return `${String(count)} ${thing}${count === 1 ? "" : "s"}`;
}

/** A sentence that goes on in another one. */
export function withoutPeriod(sentence: string): string {
  return sentence.replace(/\.$/, "");
}
