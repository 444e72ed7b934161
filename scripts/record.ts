import { writeFile } from "node:fs/promises";
import type { SessionView } from "../device-db/contract.ts";
import { StartError } from "../plumbing/start-error.ts";
import { askKit, RefusedError } from "./kit-api.ts";
import { typed } from "./own-program.ts";
import { HOST } from "./parts.ts";
import { scenarioOfSession } from "./scenarios/recorded.ts";
import { scenarioText } from "./scenarios/scenario-file.ts";
import { readSecrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";
import type { Recorded } from "./transcript-file.ts";

/** Writes a session of the running kit as a scenario, which asks for the same again. */
export async function record(
  settings: Settings,
  sessionId: string,
  { out, json }: { out: string | undefined; json: boolean },
): Promise<number> {
  const scenario = scenarioOf(sessionId, await readSession(settings, sessionId));
  if (out === undefined) {
    process.stdout.write(json ? `${JSON.stringify(scenario)}\n` : scenarioText(scenario));
    return 0;
  }
  await writeFile(out, scenarioText(scenario)).catch((cause: unknown) => {
    throw new StartError(`Cannot write "${out}": ${(cause as Error).message}.`, { cause });
  });
  const saved = { sessionId, steps: scenario.steps.length, file: out };
  const text = `${out} holds session ${sessionId} as a scenario. Play it: ${typed(`poc ${out}`)}\n`;
  process.stdout.write(json ? `${JSON.stringify(saved)}\n` : text);
  return 0;
}

async function readSession({ DATA_DIR, BOT_PORT, DEVICE_DB_PORT }: Settings, sessionId: string) {
  const { operatorKey: key } = readSecrets(DATA_DIR);
  const id = encodeURIComponent(sessionId);
  const ask = async (port: number, path: string) =>
    (await askKit({ url: `http://${HOST}:${String(port)}${path}`, key })).json();
  return {
    activities: (await ask(BOT_PORT, `/api/sessions/${id}/transcript`)) as Recorded[],
    flow: (await ask(DEVICE_DB_PORT, `/api/sessions/${id}`)) as SessionView,
  };
}

function scenarioOf(sessionId: string, happened: Awaited<ReturnType<typeof readSession>>) {
  try {
    return scenarioOfSession(sessionId, happened);
  } catch (cause) {
    throw new RefusedError(`Session ${sessionId} cannot be played again. ${(cause as Error).message}`, { cause });
  }
}
