import { Argument, type Command } from "commander";
import { command } from "./command.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
/** What completion itself adds to the commands. */
export const COMPLETION = ["completion", "complete"];

export function addCompletion(program: Command): void {
  command(program, "completion", "print the script that lets a shell complete this command with the Tab key")
    .addArgument(new Argument("<shell>").choices(SHELLS))
    .action(async (shell: (typeof SHELLS)[number]) => {
      const { printScript } = await import("../completion.ts");
      printScript(program, shell);
    });
  program
    .command("complete", { hidden: true })
    .description("what that script asks: which words may follow")
    .argument("[words...]", "what stands on the line so far")
    .action(async (words: string[]) => {
      const { suggest } = await import("../completion.ts");
      await suggest(program, words);
    });
}
