/** What documents tell their readers to type. */

/** A command of a block that is marked `sh`; `needs` is what it takes that not every machine has. */
export type DocumentCommand = { line: string; needs: string | undefined };

const BLOCK = /^```(\S*)[^\n]*\n([^]*?)^```$/gm;
const NEEDS = /^# needs: (.+)$/;
const INLINE = /`((?:npm|npx|aromapod) [^`]+)`/g;
/** What only a shell understands. */
const FOR_A_SHELL = /^(\$ )?(sudo |[A-Z][A-Z_]*=\S* )?(npm|npx|node|git|curl|sqlite3|systemctl|mosquitto\w*|docker) /m;

/** The commands of the blocks in their order. What a block needs stands in its first line, for people to see. */
export function commandsIn(markdown: string): DocumentCommand[] {
  return [...markdown.matchAll(BLOCK)].flatMap(([, language, block = ""]) => (language === "sh" ? inBlock(block) : []));
}

function inBlock(block: string): DocumentCommand[] {
  const lines = block.replaceAll("\\\n", "").split("\n");
  const needs = NEEDS.exec(lines[0] ?? "")?.[1];
  return lines
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => ({ line: line.replaceAll(/ {2,}/g, " "), needs }));
}

/** The commands that are named in a sentence, to be typed as they are or with more. */
export function inlineCommandsIn(markdown: string): string[] {
  return [...markdown.replaceAll(BLOCK, "").matchAll(INLINE)].map(([, line = ""]) => line);
}

/** Blocks with commands that are not marked as such, and so would be tried by nobody. */
export function unmarkedIn(markdown: string): string[] {
  return [...markdown.matchAll(BLOCK)]
    .filter(([, language, block = ""]) => language === "" && FOR_A_SHELL.test(block))
    .map(([, , block = ""]) => block.split("\n")[0] ?? "");
}

/** What a reader has to put in the place of `<words>`; those of the kit's own help stay. */
export function placeholdersIn(line: string): string[] {
  return [...line.matchAll(/<([a-z][a-z -]*)>/g)].map(([whole]) => whole);
}
