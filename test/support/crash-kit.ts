import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { ErpMode } from "../../erp-stub/contract.ts";
import { newSecret } from "../../plumbing/secret.ts";
import { PART_NAMES, type PartName } from "../../scripts/parts.ts";
import { makeSecrets, type Secrets } from "../../scripts/secrets.ts";
import { eventually } from "./eventually.ts";
import { furnish } from "./furnish.ts";
import { type Home, openHome } from "./home.ts";
import { askOperator } from "./kit.ts";
import type { RunningProcess } from "./process.ts";

const READY = /^.*\n/;
const ARM_SIGNAL = "SIGUSR2";

/** What is known of a process after its end too. */
type Life = Pick<RunningProcess, "output"> & {
  part: PartName;
  ended: { code: number | null; signal: NodeJS.Signals | null } | undefined;
};

export type CrashKit = Awaited<ReturnType<typeof openCrashKit>>;

/**
 * A kit on several devices, each part in a process of its own. `armed` is the place where a part that starts now is to
 * be killed, once it is told so.
 */
export async function openCrashKit(mode: ErpMode, serials: readonly string[], armed: (part: PartName) => string) {
  await using opening = new AsyncDisposableStack();
  const home = opening.use(await openHome());
  const dataDir = join(home.path, ".data");
  const parts = openParts(home, { mode, armed });
  const early = await killMigrations(parts);
  const secrets = await makeDevices(dataDir, serials);
  const urls = Object.fromEntries(await Promise.all(PART_NAMES.map(async (part) => [part, await parts.start(part)])));
  const launchUrls = await Promise.all(
    serials.map((serial) =>
      eventually(async () => {
        const launch = await askOperator(`${urls.bot ?? ""}/api/launch/${serial}`, secrets);
        expect(launch.status).toBe(200);
        return ((await launch.json()) as { url: string }).url;
      }),
    ),
  );
  const owned = opening.move();
  return { dataDir, secrets, launchUrls, early, ...parts, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** The processes of a kit, one after the other for each part. */
function openParts(home: Home, { mode, armed }: { mode: ErpMode; armed: (part: PartName) => string }) {
  const current = new Map<PartName, RunningProcess>();
  const history: Life[] = [];

  function launch(part: PartName, env: Record<string, string>): RunningProcess {
    const process = home.start(["serve", part, "--json"], { ERP_MODE: mode, NODE_ENV: "test", ...env });
    current.set(part, process);
    const life: Life = { part, output: process.output, ended: undefined };
    history.push(life);
    void process.end.then((ended) => Object.assign(life, { ended }));
    return process;
  }

  const running = (part: PartName): RunningProcess => {
    const process = current.get(part);
    if (!process) throw new Error(`${part} was never started.`);
    return process;
  };

  return {
    history,
    running,

    /** Resolves with its address when it is ready. */
    async start(part: PartName): Promise<string> {
      const crash = { AROMAPOD_FAILPOINT: armed(part), AROMAPOD_FAILPOINT_AFTER: ARM_SIGNAL };
      const [line] = await launch(part, crash).shows(READY);
      return (JSON.parse(line) as { url: string }).url;
    },

    /** Starts it to be killed at a place that it passes at each start. */
    startToDie: (part: PartName, point: string) => died(launch(part, { AROMAPOD_FAILPOINT: point }), point),

    /** From now on it counts how often it comes to the place that it was started with. */
    async arm(part: PartName): Promise<void> {
      const { send, output } = running(part);
      send(ARM_SIGNAL);
      await eventually(() => expect(output.stderr).toContain("armed at "));
    },

    kill: (part: PartName) => running(part).stop("SIGKILL"),
    died: (part: PartName, point: string) => died(running(part), point),
  };
}

/** Resolves with what is wrong about the end of a process that is to be killed at a place. */
async function died({ end, output }: RunningProcess, point: string): Promise<string[]> {
  const { code, signal } = await end;
  const wasThere = output.stderr.includes(`killed at ${point}\n`);
  return signal === "SIGKILL" && wasThere ? [] : [`it ended otherwise: ${JSON.stringify({ code, signal, ...output })}`];
}

/** The first start of each store is killed in the middle of its migrations; the next one must find nothing of it. */
async function killMigrations(parts: ReturnType<typeof openParts>): Promise<string[]> {
  const kills = PART_NAMES.map((part) => parts.startToDie(part, "sqlite.migrating@1"));
  return (await Promise.all(kills)).flat();
}

/** Devices that the registry, the simulator and the ERP know from the start. */
async function makeDevices(dataDir: string, serials: readonly string[]): Promise<Secrets> {
  const secrets = makeSecrets(dataDir, serials[0] ?? "");
  secrets.devices = Object.fromEntries(serials.map((serial) => [serial, newSecret()]));
  writeFileSync(join(dataDir, "secrets.json"), JSON.stringify(secrets));
  await furnish(dataDir, secrets.devices);
  return secrets;
}
