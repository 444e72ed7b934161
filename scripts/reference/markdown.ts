/** What the pages of the reference are written with. */

/** Said below the title of each page. */
export const GENERATED = "_Written from the code by `npm run reference`, and compared with it by the tests._";

/** A table; a `|` within a cell would end it. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}

export function code(text: string): string {
  return text === "" ? "" : `\`${text}\``;
}

/** A block of text, as it stands. */
export function block(text: string, language = ""): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

/** The part of an address that leads to a heading, as GitHub makes it. */
export function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, "")
    .replaceAll(" ", "-");
}

/** Paragraphs, tables and headings with an empty line between them. */
export function page(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** `list what is there` is `List what is there.` */
export function sentence(text: string): string {
  const end = /[.:]$/.test(text) || text === "" ? "" : ".";
  return text.charAt(0).toUpperCase() + text.slice(1) + end;
}
