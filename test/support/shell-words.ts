/** As much of a shell's grammar as the commands of documents use. */

/** One program with its words, and what is put into its environment before it. */
export type SimpleCommand = { settings: Record<string, string>; words: string[] };

const TOKEN = /(\d?[<>]{1,2}&?|\|\||&&|[|&;])|((?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|\$\([^)]*\)|[^\s'"\\|&;<>])+)/g;
const ASSIGNMENT = /^([A-Za-z]\w*)=([^]*)$/;

/** The programs that a line runs, one after the other or joined by pipes; where their output goes is left out. */
export function simpleCommands(line: string): SimpleCommand[] {
  const commands: SimpleCommand[] = [{ settings: {}, words: [] }];
  let isTarget = false;
  for (const [, operator, word] of line.matchAll(TOKEN)) {
    const last = commands.at(-1);
    if (operator !== undefined) {
      isTarget = /[<>]/.test(operator);
      if (!isTarget) commands.push({ settings: {}, words: [] });
    } else if (isTarget) isTarget = false;
    else if (last && word !== undefined) take(last, unquoted(word));
  }
  return commands.filter(({ words, settings }) => words.length > 0 || Object.keys(settings).length > 0);
}

function take({ settings, words }: SimpleCommand, word: string): void {
  const [, name, value = ""] = ASSIGNMENT.exec(word) ?? [];
  if (name !== undefined && words.length === 0) settings[name] = value;
  else words.push(word);
}

function unquoted(word: string): string {
  return word.replaceAll(
    /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g,
    (_, ...[single, double, one]: (string | undefined)[]) => {
      return single ?? double?.replaceAll(/\\(["\\$`])/g, "$1") ?? one ?? "";
    },
  );
}
