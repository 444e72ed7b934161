import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { freePorts } from "../../scripts/free-ports.ts";

const ENVIRONMENT = join(import.meta.dirname, "mockoon-environment.json");
const READY_WITHIN_MS = 20_000;
const POLL_MS = 50;

/**
 * What a user would pick instead: Mockoon's CLI, in this process as its own command runs it, with one route that answers
 * what the documented call is answered with. It keeps nothing. `folder` is where it is installed.
 */
export async function startMockoon(folder: string) {
  const program = join(folder, "node_modules", "@mockoon", "cli", "bin", "run.js");
  if (!existsSync(program)) throw new Error(`There is no Mockoon in "${folder}".`);
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${String(port)}`;
  // It would greet our parent before we do.
  delete process.send;
  // It tells of each request; what becomes of that is not its affair.
  process.stdout.write = (_chunk: unknown, ...rest: unknown[]) => {
    for (const done of rest) if (typeof done === "function") done();
    return true;
  };
  process.argv = [
    process.execPath,
    program,
    "start",
    "--data",
    ENVIRONMENT,
    "--port",
    String(port),
    "--disable-log-to-file",
  ];
  await import(pathToFileURL(program).href);
  await untilAnswered(`${url}/device/switch`);
  return { url, close: async () => undefined };
}

async function untilAnswered(url: string): Promise<void> {
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const status = await fetch(url, { signal: AbortSignal.timeout(POLL_MS * 20) }).then(
      async (response) => (await response.arrayBuffer(), response.status),
      () => undefined,
    );
    if (status === 200) return;
    if (performance.now() > giveUpAt) throw new Error("Mockoon was not ready in time.");
    await delay(POLL_MS);
  }
}
