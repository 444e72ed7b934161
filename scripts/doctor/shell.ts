/** Commands that mend what was found, to be copied into a shell. */

/** A path or value as one word of a command line. */
export function quoted(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Gives a setting another value, in the place that counts for it now. */
export function assign(name: string, value: string): string {
  if (process.env[name]) return `export ${name}=${quoted(value)}`;
  // The file may end without a line's end.
  return `printf '\\n${name}=${value}\\n' >> .env`;
}

/** Takes a setting away from the place that counts for it now. */
export function remove(name: string): string {
  return process.env[name] ? `unset ${name}` : `sed -i.bak '/^${name}=/d' .env`;
}
