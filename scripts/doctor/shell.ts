/** Commands that mend what was found, to be copied into a shell. */
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { settingsFile, typed } from "../own-program.ts";

/** A path or value as one word of a command line. */
export function quoted(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Gives a setting another value, in the place that counts for it now. */
export function assign(name: string, value: string): string {
  if (isFlag(name)) return typed(`start --${flagOf(name)} ${quoted(value)}`);
  if (process.env[name]) return `export ${name}=${quoted(value)}`;
  const file = settingsFile();
  // The file may end without a line's end.
  const line = `printf '\\n${name}=${value}\\n'`;
  return isOthers(file) ? `${line} | sudo tee -a ${quoted(file)}` : `${line} >> ${quoted(file)}`;
}

/** Takes a setting away from the place that counts for it now. */
export function remove(name: string): string {
  if (isFlag(name)) return typed("start");
  if (process.env[name]) return `unset ${name}`;
  const file = settingsFile();
  const sed = `sed -E -i.bak '/^[[:space:]]*(export[[:space:]]+)?${name}[[:space:]]*=/d' ${quoted(file)}`;
  return isOthers(file) ? `sudo ${sed}` : sed;
}

/** A name beside a file that is free, for what is put aside. */
export function freeName(file: string, end: string): string {
  for (let n = 1; ; n += 1) {
    const name = `${file}.${end}${n === 1 ? "" : String(n)}`;
    if (!existsSync(name)) return name;
  }
}

/** Lets this user read and write paths that are there: the rights alone are missing, or they belong to somebody else. */
export function takeBack(paths: readonly string[], { all = false }: { all?: boolean } = {}): string {
  const words = paths.map(quoted).join(" ");
  const isOurs = paths.every((path) => statSync(path).uid === process.getuid?.());
  if (isOurs) return `chmod u+rw${all ? "x" : ""} ${words}`;
  return `sudo chown ${all ? "-R " : ""}${thisUser()} ${words}`;
}

/** The name of who runs this, which need not be who copies the command. */
export function thisUser(): string {
  try {
    return quoted(userInfo().username);
  } catch {
    // In a container the user may have no name.
    return String(process.getuid?.() ?? "");
  }
}

function flagOf(name: string): string {
  return name.toLowerCase().replaceAll("_", "-");
}

function isFlag(name: string): boolean {
  const flag = `--${flagOf(name)}`;
  return process.argv.some((word) => word === flag || word.startsWith(`${flag}=`));
}

function isOthers(file: string): boolean {
  if (!existsSync(file)) return false;
  try {
    accessSync(file, constants.W_OK);
    return false;
  } catch {
    return true;
  }
}
