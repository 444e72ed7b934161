import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readFleetBooks } from "../../scripts/fleet-books.ts";
import type { FleetReport } from "../../scripts/fleet-report.ts";
import { eventually } from "../support/eventually.ts";
import { type Home, openHome } from "../support/home.ts";
import { openKit } from "../support/kit.ts";
import { openOutsideBroker } from "../support/outside-broker.ts";

const PATIENCE_MS = 60_000;
/** So that a fleet which hangs is killed, and what it said is seen. */
const DEADLINE_MS = 55_000;
/** The broker of the test, whatever the tests run at. */
const EMBEDDED = { MQTT_URL: "" };

let home: Home;
beforeAll(async () => {
  home = await openHome();
  return () => home[Symbol.asyncDispose]();
});

async function runFleet(args: readonly string[], settings: Record<string, string> = EMBEDDED) {
  const { code, stdout, stderr } = await home.run(["fleet", "--json", ...args], settings, DEADLINE_MS);
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  return { report: JSON.parse(stdout) as FleetReport, stderr };
}

/** What holds of every run. */
const whole = (pods: number) => ({
  ok: true,
  problems: [],
  pods,
  connect: { pods },
  commands: { open: 0, expired: 0 },
  events: { waiting: 0 },
  erp: { lost: 0, doubled: 0, unsettled: 0 },
});

describe("aromapod fleet", () => {
  test("lists the scenarios, for people and for programs", async () => {
    const { stdout } = await home.run(["fleet", "ls"]);
    expect(stdout).toMatch(/^SCENARIO {2,}WHAT HAPPENS\nbroker-restart {2,}A broker restart/);
    const { data } = JSON.parse((await home.run(["fleet", "ls", "--json"])).stdout) as { data: { name: string }[] };
    expect(data.map(({ name }) => name)).toContain("hotel-day");
  });

  test(
    "runs a hotel's day, and finds each check-in in the ERP",
    async () => {
      const { report, stderr } = await runFleet(["--count", "60", "--duration", "6", "--seed", "3"]);
      expect(report).toMatchObject({ ...whole(60), scenario: "hotel-day", seed: 3, broker: "embedded", speed: 13_200 });
      const { commands, events, erp } = report;
      expect(commands.asked).toBeGreaterThan(60);
      expect(commands.accepted).toBe(commands.asked);
      expect([erp.usages, events.made > erp.usages]).toEqual([erp.checkIns, true]);
      expect(report.messages.total).toBeGreaterThan(2 * commands.asked);
      expect([commands.latency.count, events.ack.count]).toEqual([commands.asked, events.made]);
      expect(stderr).toMatch(/^Starting a device database and an ERP\.\nRegistering 60 devices\.\n/);
    },
    PATIENCE_MS,
  );

  test(
    "survives that half of the pods lose their power",
    async () => {
      const { report } = await runFleet(["--count", "50", "--duration", "5", "--scenario", "power-cut"]);
      expect(report).toMatchObject(whole(50));
      expect(report.erp.usages).toBeGreaterThan(25);
    },
    PATIENCE_MS,
  );

  test(
    "survives that its broker is killed",
    async () => {
      const { report } = await runFleet(["--count", "40", "--duration", "8", "--scenario", "broker-restart"]);
      expect(report).toMatchObject(whole(40));
      expect(report.erp.usages).toBe(40);
    },
    PATIENCE_MS,
  );

  test(
    "runs at a broker of one's own, which is told of the pods by a file",
    async () => {
      const file = join(home.path, "passwords.txt");
      expect(await home.run(["fleet", "--count", "20", "--passwords", file])).toMatchObject({ code: 0, stdout: "" });
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
      const passwords = new Map(lines.map((line) => line.split(":") as [string, string]));
      expect([passwords.size, lines[0]]).toEqual([20, expect.stringMatching(/^HKAP9900000001:[\w-]{43}$/)]);
      const { mqtt } = await home.secrets();
      passwords.set("bot", mqtt.bot).set("device-db", mqtt.deviceDb);
      await using broker = await openOutsideBroker();
      broker.letIn((user, password) => passwords.get(user) === password);
      const settings = { MQTT_URL: broker.url, MQTT_USER: "", MQTT_PASSWORD: "" };
      const { report } = await runFleet(["--count", "20", "--duration", "4", "--scenario", "broker-restart"], settings);
      expect(report).toMatchObject({ ...whole(20), broker: broker.url });
      // Nobody could restart it: its connections were cut.
      expect(broker.clients.filter(({ id }) => id === "HKAP9900000001").length).toBeGreaterThan(1);
    },
    PATIENCE_MS,
  );

  // The fleets above have to keep up with a broker that dies or with power that fails; from here on they may share.
  test.concurrent(
    "tells people in a few lines",
    async () => {
      const running = home.start(["fleet", "--count", "20", "--duration", "3", "--scenario", "roll-call"], EMBEDDED);
      expect((await running.end).code).toBe(0);
      for (const line of [
        /^scenario +roll-call, seed 1, 3 s/m,
        /^connected +20 of 20 pods/m,
        /0 lost, 0 twice$/m,
        /^memory +\d+ MB$/m,
      ])
        expect(running.output.stdout).toMatch(line);
      expect(running.output.stdout).toContain("each check-in is one usage in the ERP.");
    },
    PATIENCE_MS,
  );

  test.concurrent.for(["SIGINT", "SIGHUP"] as const)(
    "leaves nothing in the temporary folder when %s interrupts it",
    { timeout: PATIENCE_MS },
    async (signal) => {
      const folder = join(home.path, signal);
      await mkdir(folder);
      const place = { ...EMBEDDED, TMPDIR: folder };
      const interrupted = home.start(["fleet", "--count", "20", "--duration", "300"], place);
      await eventually(async () => expect(await readdir(folder)).toHaveLength(1));
      await eventually(() => expect(interrupted.output.stderr).toContain("20 of 20 connected"), 40_000);
      expect((await interrupted.stop(signal)).code).toBe(130);
      expect(await readdir(folder)).toEqual([]);
    },
  );

  test.concurrent.for<[args: string[], sentence: RegExp]>([
    [["--scenario", "nope"], /There is no scenario "nope": "aromapod fleet ls" lists them/],
    [["--count", "0"], /It must be a whole number from 1/],
    [["--seed", "-1"], /It must be a whole number from 0/],
    [["--duration", "soon"], /It must be a whole number from 1/],
  ])("refuses %j", async ([args, sentence]) => {
    expect(await home.run(["fleet", ...args])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(sentence) as string,
    });
  });
});

test("a check-in that the ERP does not have is found", async () => {
  await using kit = await openKit("safe");
  const key = kit.secrets;
  const ground = {
    deviceDb: { url: kit.urls.deviceDb },
    erp: { url: kit.urls.erp, apiKey: key.erpApiKey },
  };
  const books = await readFleetBooks(ground, new Set(["an-event-that-went-nowhere"]), AbortSignal.timeout(10_000));
  expect(books).toEqual({ checkIns: 1, delivered: 0, usages: 0, lost: 1, doubled: 0, strange: 0, unsettled: 0 });
});
