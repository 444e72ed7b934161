/**
 * `npm run test:mosquitto`: the end-to-end tests, and those of events and deliveries, with Mosquitto in the place of the
 * embedded broker: each kit has one of its own, with the settings and rules of docs/broker/. Beside them it is shown what
 * those rules let through, and what not, and a real device is played by mosquitto_sub and mosquitto_pub alone.
 * `vitest.config.ts` beside this file says what is left out, and why.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { WITH_SERVERS } from "../support/mosquitto.ts";

const ROOT = join(import.meta.dirname, "../..");
const NOT_READY = 3;
const PROGRAMS = ["mosquitto_passwd", "mosquitto_sub", "mosquitto_pub"];
const WHAT_TO_INSTALL = `This needs Mosquitto 2: its programs mosquitto, ${PROGRAMS.join(", ")}.
Debian and Ubuntu:  sudo apt-get install mosquitto mosquitto-clients
macOS:              brew install mosquitto
`;

/** What a program says of itself; empty when it is not there. */
function greetingOf(program: string): string {
  const { error, stdout, stderr } = spawnSync(program, ["-h"], {
    encoding: "utf8",
    env: { ...process.env, ...WITH_SERVERS },
  });
  return error ? "" : stdout + stderr;
}

function run(): number {
  if (
    !/mosquitto version 2\./.test(greetingOf("mosquitto")) ||
    PROGRAMS.some((program) => greetingOf(program) === "")
  ) {
    process.stderr.write(WHAT_TO_INSTALL);
    return NOT_READY;
  }
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  const config = ["--configLoader", "native", "--config", join(import.meta.dirname, "vitest.config.ts")];
  const args = [vitest, "run", ...config, ...process.argv.slice(2)];
  return spawnSync(process.execPath, args, { cwd: ROOT, stdio: "inherit" }).status ?? 1;
}

process.exitCode = run();
