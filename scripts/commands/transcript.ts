import type { Command } from "commander";
import { transcriptFile } from "./arguments.ts";
import { command, type Flags, type Run, refuse } from "./command.ts";

export function addTranscript(program: Command, run: Run): void {
  type TranscriptFlags = Flags & { out?: string; replay?: string };
  command(program, "transcript", "print what was said in a session, or play it again as a test of the bot")
    .argument("[sessionId]", "a session of a running kit")
    .option("--out <file>", "a .transcript, which the Bot Framework Emulator opens", transcriptFile)
    .option("--replay <file>", "a .transcript to play on a kit of its own: the bot is to say the same")
    .action(async (sessionId: string | undefined, flags: TranscriptFlags, self: Command) => {
      const { out, replay } = flags;
      if ((sessionId === undefined) === (replay === undefined))
        refuse(self, "name a session, or a file with '--replay <file>', and not both");
      if (out !== undefined && replay !== undefined) refuse(self, "option '--out <file>' is for a session");
      const { replayTranscript, saveTranscript } = await import("../transcript.ts");
      const json = flags.json === true;
      await run(flags, (settings) =>
        replay === undefined
          ? saveTranscript(settings, sessionId ?? "", { out, json })
          : replayTranscript(settings, replay, { json }),
      );
    });
}
