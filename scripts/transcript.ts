import { readFile, stat, writeFile } from "node:fs/promises";
import { styleText } from "node:util";
import { StartError } from "../plumbing/start-error.ts";
import { createGuest } from "./guest.ts";
import { askKit } from "./kit-api.ts";
import { HOST } from "./parts.ts";
import { type Difference, type Replay, replay, type Said } from "./replay.ts";
import { openPlayKit, type Room } from "./scenarios/kit.ts";
import { readSecrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";
import { MAX_TRANSCRIPT_BYTES, parseTranscript, type Recorded } from "./transcript-file.ts";
import { withoutPeriod } from "./words.ts";

/** Prints what was said in a session, or writes it for the Bot Framework Emulator. */
export async function saveTranscript(
  settings: Settings,
  sessionId: string,
  { out, json }: { out: string | undefined; json: boolean },
): Promise<number> {
  const { operatorKey } = readSecrets(settings.DATA_DIR);
  const bot = `http://${HOST}:${String(settings.BOT_PORT)}`;
  const answer = await askKit({
    url: `${bot}/api/sessions/${encodeURIComponent(sessionId)}/transcript`,
    key: operatorKey,
  });
  const activities = (await answer.json()) as unknown[];
  if (out === undefined) {
    process.stdout.write(`${JSON.stringify(activities, null, json ? 0 : 2)}\n`);
    return 0;
  }
  await writeFile(out, `${JSON.stringify(activities, null, 2)}\n`).catch((cause: unknown) => {
    throw new StartError(`Cannot write "${out}": ${(cause as Error).message}.`, { cause });
  });
  const saved = { sessionId, activities: activities.length, file: out };
  process.stdout.write(
    json
      ? `${JSON.stringify(saved)}\n`
      : `${out} holds the ${String(activities.length)} activities of session ${sessionId}.\n`,
  );
  return 0;
}

/** Plays a transcript against a kit of its own: the bot is to say the same again. */
export async function replayTranscript(settings: Settings, file: string, { json }: { json: boolean }): Promise<number> {
  const activities = await readTranscript(file);
  // A test of the bot is nothing that a real ERP should hear of.
  const own = { ...settings, ERP_URL: undefined };
  await using kit = await openPlayKit(own, { rooms: 1, processes: false });
  const [{ launchUrl }] = kit.rooms as [Room];
  const outcome = await replay(
    activities,
    createGuest(launchUrl, () => undefined),
  );
  process.stdout.write(json ? `${JSON.stringify(outcome)}\n` : verdict(outcome));
  return outcome.ok ? 0 : 1;
}

async function readTranscript(file: string): Promise<Recorded[]> {
  try {
    const { size } = await stat(file);
    if (size > MAX_TRANSCRIPT_BYTES) throw new Error(`It is larger than ${String(MAX_TRANSCRIPT_BYTES)} bytes.`);
    const activities = parseTranscript(await readFile(file));
    if (activities.some(({ from }) => from.role === "bot")) return activities;
    throw new Error("The bot says nothing in it.");
  } catch (cause) {
    const reason = withoutPeriod((cause as Error).message);
    throw new StartError(`Cannot replay "${file}". ${reason}.`, { cause });
  }
}

function verdict({ checked, late = 0, difference }: Replay): string {
  const same = `${styleText("green", "The bot says the same")} in all ${String(checked)} activities.\n`;
  const aside = late === 0 ? "" : `${String(late)} more it said without being asked; they are not replayed.\n`;
  return (difference ? comparison(difference) : same) + aside;
}

function comparison({ at, after, expected, seen }: Difference): string {
  const when = after === "" ? "" : `, after the guest's "${after}"`;
  return `${styleText("red", "The bot differs")} in its activity ${String(at)}${when}:
  expected  ${shown(expected)}
  seen      ${shown(seen)}
`;
}

function shown(said: Said | null): string {
  if (!said) return "nothing";
  const { type, text, code = "", actions } = said;
  const buttons = actions ? `[${actions.join(" | ")}]` : "";
  return [type, text && JSON.stringify(text), code, buttons].filter(Boolean).join("  ");
}
