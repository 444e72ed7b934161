/**
 * `npm run test:strace`: what is told is on disk before. The whole kit runs under strace, guests answer, and each
 * message that tells of something kept is looked for in the trace: its row, the commit and the sync come before it.
 */
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beginChat } from "../support/chat-guest.ts";
import { eventually } from "../support/eventually.ts";
import { openHome } from "../support/home.ts";
import { listDeliveries } from "../support/kit.ts";
import { startProcess } from "../support/process.ts";
import { kindsOf } from "./kinds.ts";
import { judge, type Verdict } from "./synced.ts";
import { readTrace } from "./trace.ts";

const STRACE = "strace";
const ROOT = join(import.meta.dirname, "../..");
/** One after the other, so that each commit stands alone; then at once, so that they share commits and wait in line. */
const ALONE = 3;
const AT_ONCE = 8;
const SESSIONS = ALONE + AT_ONCE;
/** What a page of a store and a head of HTTP fit in, with room. */
const LONGEST_STRING = 8_192;
const CALLS = "read,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,fsync,fdatasync";

type ReadyLine = { launchUrl: string; deviceDb: string };

/** Without `looseSync` as it is, and otherwise with stores that sync less than they should. */
async function trace(looseSync?: "NORMAL" | "OFF"): Promise<Verdict[]> {
  await using home = await openHome();
  const file = join(home.path, "trace");
  const strace = ["-f", "--seccomp-bpf", "-yy", "-s", String(LONGEST_STRING), "-e", `trace=${CALLS}`, "-o", file];
  const kit = [process.execPath, join(ROOT, "scripts/aromapod.ts"), "start", "--json"];
  const preload = looseSync && {
    NODE_OPTIONS: `--import=${new URL("loosen.ts", import.meta.url).href}`,
    LOOSE_SYNC: looseSync,
  };
  const running = startProcess(STRACE, [...strace, ...kit], {
    cwd: home.path,
    env: { ...home.env, ...preload },
    // strace itself waits for the end of what it traces.
    asGroup: true,
  });
  await using _running = running;
  const [line] = await running.shows(/^.*\n/);
  await answerAll(JSON.parse(line) as ReadyLine);
  await running.stop("SIGTERM");
  const { BOT_PORT: bot = "", ERP_PORT: erp = "", MQTT_PORT: mqtt = "" } = home.env;
  return judge(readTrace(await readFile(file, "latin1")), kindsOf({ bot, erp, mqtt }));
}

async function answerAll({ launchUrl, deviceDb }: ReadyLine): Promise<void> {
  for (let n = 0; n < ALONE; n++) {
    await answer(launchUrl);
    await untilDelivered(deviceDb, n + 1);
  }
  await Promise.all(Array.from({ length: AT_ONCE }, () => answer(launchUrl)));
  await untilDelivered(deviceDb, SESSIONS);
}

async function answer(launchUrl: string): Promise<void> {
  const guest = await beginChat(launchUrl);
  const { status } = await guest.say("wood");
  if (status !== 200) throw new Error(`The answer was answered with ${String(status)}.`);
}

async function untilDelivered(deviceDb: string, number: number): Promise<void> {
  await eventually(async () => {
    const delivered = (await listDeliveries({ urls: { deviceDb } })).filter(({ state }) => state === "delivered");
    if (delivered.length !== number) throw new Error(`${String(delivered.length)} of ${String(number)} are delivered.`);
  });
}

function render(title: string, verdicts: readonly Verdict[]): string {
  const lines = verdicts.flatMap(({ kind, messages, violations }) => [
    `  ${kind.padEnd(40)}${String(messages).padStart(9)}${String(violations.length).padStart(11)}`,
  ]);
  return [title, `  ${"".padEnd(40)} messages violations`, ...lines, ""].join("\n");
}

/** What keeps this from running here, with what helps. */
function obstacle(): string | undefined {
  const { error, status } = spawnSync(STRACE, ["-f", "-o", "/dev/null", "true"]);
  if (error)
    return "strace is not installed: sudo apt-get install strace (Debian, Ubuntu), sudo dnf install strace (Fedora)";
  if (status !== 0) return "strace may not trace here: a container needs --cap-add=SYS_PTRACE";
  return undefined;
}

async function main(): Promise<number> {
  const missing = obstacle();
  if (missing) {
    process.stderr.write(`${missing}\n`);
    return 3;
  }
  const verdicts = await trace();
  process.stdout.write(render("The kit as it is:", verdicts));
  for (const { kind, violations } of verdicts)
    for (const violation of violations) process.stdout.write(`  violation: ${kind}: ${violation}\n`);
  let isSeen = true;
  for (const loose of ["NORMAL", "OFF"] as const) {
    const control = await trace(loose);
    process.stdout.write(
      render(`Control, with synchronous = ${loose}: there must be violations of each kind`, control),
    );
    isSeen &&= control.every(({ violations }) => violations.length > 0);
  }
  const isComplete = verdicts.every(({ messages }) => messages >= SESSIONS);
  const isSynced = verdicts.every(({ violations }) => violations.length === 0);
  const ok = isSynced && isComplete && isSeen;
  process.stdout.write(ok ? "Whatever was told was on disk before.\n" : "Failed.\n");
  return ok ? 0 : 1;
}

process.exitCode = await main();
