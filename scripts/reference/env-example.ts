import { SETTING_GROUPS } from "../settings.ts";
import { settingsOf } from "./settings-page.ts";

const WIDTH = 120;
const HEAD =
  "Copy to .env and uncomment what should differ. Flags win over the environment, which wins over this file.";

/** `.env.example`: each setting with its usual value, or with one that it might have. */
export function envExample(): string {
  return `${[comment(HEAD), ...SETTING_GROUPS.map(groupText)].join("\n\n")}\n`;
}

function groupText(group: (typeof SETTING_GROUPS)[number]): string {
  const more = group.guide === undefined ? "" : `; ${group.guide} says more`;
  const settings = settingsOf(group).map(([name, { description = "", example, default: standard }]) => {
    const value = example ?? standard ?? "";
    return `${comment(description.replaceAll("`", ""))}\n# ${name}=${String(value)}`;
  });
  return [`# --- ${group.title}${more} ---`, ...settings].join("\n");
}

/** Lines of a comment, as wide as the other files are. */
function comment(text: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? "";
    const longer = `${last} ${word}`.trim();
    if (longer.length + 2 > WIDTH) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines.map((line) => `# ${line}`).join("\n");
}
