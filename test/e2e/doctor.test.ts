import { chmod, readdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { makeSecrets } from "../../scripts/secrets.ts";
import { BROKEN_OUTSIDE } from "../support/broken-outside.ts";
import { BROKEN_AT_HOME, type BrokenSetUp } from "../support/broken-set-ups.ts";
import { SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { COMMAND, type Home, openHome, PORT_SETTINGS } from "../support/home.ts";
import { openOutsideBroker } from "../support/outside-broker.ts";
import { runProcess } from "../support/process.ts";

type Told = {
  section: string;
  name: string;
  state: string;
  detail: string;
  fix?: { advice?: string; command?: string };
};
type Report = { ok: boolean; failed: number; warnings: number; notChecked: number; checks: Told[] };

/** Many processes at a time, each with a second of work. */
const SLOW = { timeout: 90_000 };
const ESCAPE = "\u001b";

/** What the doctor finds; nothing else may be on stdout, and nothing at all on stderr. */
async function examine(home: Home, more: Record<string, string> = {}) {
  const { code, stdout, stderr } = await home.run(["doctor", "--json"], more);
  expect([stdout.split("\n").length, stderr]).toEqual([2, ""]);
  const report = JSON.parse(stdout) as Report;
  const failing = report.checks.filter(({ state }) => state === "failed");
  const found = (name: string) => report.checks.find((told) => told.name === name);
  return { code, stdout, report, failing, found };
}

const podIs = (home: Home, status: RegExp) =>
  eventually(async () => {
    const answer = await fetch(`http://127.0.0.1:${home.env["DEVICE_DB_PORT"] ?? ""}/api/devices/${SERIAL}`);
    expect(await answer.json()).toMatchObject({ status: expect.stringMatching(status) as string });
  });

const names = (told: readonly Told[]) => told.map(({ name }) => name);

describe.concurrent("in a set-up that is broken, the doctor names what is wrong and what mends it:", SLOW, () => {
  test.for([...BROKEN_AT_HOME, ...BROKEN_OUTSIDE])("$name", async (broken) => {
    const { make, failing, detail, heals } = broken;
    await using home = await openHome();
    await using opening = new AsyncDisposableStack();
    const settings = await make({ home, own: (opened) => opening.use(opened) });
    const told = await examine(home, settings);
    expect([told.code, names(told.failing), told.report.ok]).toEqual([3, failing, false]);
    const [first] = told.failing;
    expect(first?.detail).toMatch(detail);
    expect(first?.fix).toEqual(fixOf(broken));
    for (const secret of await secretsIn(home, settings)) expect(told.stdout).not.toContain(secret);
    if (heals) await expectHealed(home, settings, first?.fix?.command ?? "");
  });

  function fixOf(broken: BrokenSetUp): object {
    const said = (["advice", "command"] as const).flatMap((name) => {
      const pattern = broken[name];
      return pattern ? [[name, expect.stringMatching(pattern) as string] as const] : [];
    });
    return Object.fromEntries(said);
  }

  async function secretsIn(home: Home, settings: Record<string, string>): Promise<string[]> {
    const kept = await home.secrets().catch(() => undefined);
    const services = kept ? [kept.operatorKey, kept.mqtt.bot, ...Object.values(kept.devices)] : [];
    return [...services, ...Object.entries(settings).flatMap(([name, value]) => (/password/i.test(name) ? value : []))];
  }

  /** What a person does who copies the command into the shell, and asks again. */
  async function expectHealed(home: Home, settings: Record<string, string>, command: string): Promise<void> {
    const script = `${command}\nexec "$0" "$1" doctor --json`;
    const where = { cwd: home.path, env: { ...home.env, ...settings } };
    const { code, stdout } = await runProcess("sh", ["-c", script, process.execPath, COMMAND], where);
    const { checks } = JSON.parse(stdout) as Report;
    expect([command, code, names(checks.filter(({ state }) => state === "failed"))]).toEqual([command, 0, []]);
  }
});

describe("in a set-up that is in order", () => {
  test("nothing fails before the first start, what does not run is not checked, and nothing is left behind", async () => {
    await using home = await openHome();
    const { code, report, found } = await examine(home);
    expect([code, report]).toEqual([0, expect.objectContaining({ ok: true, failed: 0, warnings: 0 })]);
    for (const name of ["Node", "packages", "SQLite", "data folder", "durability", "free space", ...PORT_SETTINGS])
      expect([name, found(name)?.state]).toEqual([name, "ok"]);
    for (const name of ["secrets", "bot.sqlite", "bot", "device-db", "devices", "broker", "strangers", "ERP"])
      expect([name, found(name)?.state]).toEqual([name, "not checked"]);
    expect(await readdir(home.path)).toEqual([]);
  });

  test("a data folder that others may enter is worth a word, and no failure", async () => {
    await using home = await openHome();
    makeSecrets(join(home.path, ".data"), SERIAL);
    await chmod(join(home.path, ".data"), 0o755);
    const { code, report, found } = await examine(home);
    expect([code, report.warnings, found("data folder")]).toMatchObject([
      0,
      1,
      { state: "warning", fix: { command: expect.stringMatching(/^chmod 700 /) as string } },
    ]);
  });

  test("a broker that keeps strangers out and knows the kit is told of", async () => {
    await using home = await openHome();
    const { mqtt } = makeSecrets(join(home.path, ".data"), SERIAL);
    await using broker = await openOutsideBroker();
    broker.letIn((_username, password) => [mqtt.bot, mqtt.deviceDb].includes(password));
    const { code, found } = await examine(home, { MQTT_URL: broker.url });
    expect(code).toBe(0);
    for (const name of ["broker", "strangers"]) expect([name, found(name)?.state]).toEqual([name, "ok"]);
    expect(found("MQTT_PORT")).toMatchObject({ state: "not checked", detail: "not used, as MQTT_URL is set" });
  });
});

describe("a kit that runs", () => {
  let home: Home;
  beforeAll(async () => {
    home = await openHome();
    await home.startKit();
    return () => home[Symbol.asyncDispose]();
  });
  test("is found in order in every part, but for phones, which it is not open to", async () => {
    await podIs(home, /^online$/);
    const { code, report, found } = await examine(home);
    expect(code).toBe(0);
    const worthALook = report.checks.filter(({ state }) => state === "warning");
    expect(worthALook).toEqual([
      {
        section: "Running parts",
        name: "guests' address",
        state: "warning",
        detail: expect.stringMatching(
          /^cards open http:\/\/127\.0\.0\.1:\d+, which only this machine reaches$/,
        ) as string,
        fix: { command: "npm start -- --lan" },
      },
    ]);
    for (const name of [
      ...PORT_SETTINGS,
      "bot",
      "device-db",
      "device-sim",
      "devices",
      "broker",
      "strangers",
      "topic rules",
    ])
      expect([name, found(name)?.state]).toEqual([name, "ok"]);
    for (const name of [
      "secrets",
      "bot.sqlite",
      "device-db.sqlite",
      "device-sim.sqlite",
      "erp.sqlite",
      "ERP",
      "allow-list",
    ])
      expect([name, found(name)?.state]).toEqual([name, "ok"]);
  });

  test("whose pod is away is told of, and comes back by the command that is named", async () => {
    await home.run(["pod", SERIAL, "fault", "offline"]);
    await podIs(home, /^(lost|offline)$/);
    const told = await examine(home);
    expect([told.code, names(told.failing)]).toEqual([3, ["device-sim", "devices"]]);
    const { detail, fix } = told.found("devices") ?? {};
    expect(detail).toMatch(/^0 of 1 online: HKAP0100000001 in Room 101 is (lost|offline)$/);
    expect(fix).toEqual({ command: "npm run aromapod -- pod HKAP0100000001 fault none" });
    await home.run((fix?.command ?? "").split(" ").slice(4));
    await podIs(home, /^online$/);
    expect((await examine(home)).failing).toEqual([]);
  });

  test("that has another data folder is no kit of ours", async () => {
    await using other = await openHome();
    makeSecrets(join(other.path, ".data"), SERIAL);
    const { code, failing } = await examine(other, home.env);
    expect([code, names(failing)]).toEqual([3, PORT_SETTINGS]);
    for (const { name, detail } of failing.slice(0, -1))
      expect([name, detail]).toEqual([name, expect.stringContaining("is held by a kit with another data folder")]);
  });
});

test("a part that is missing beside others is named, with the command that starts it", SLOW, async () => {
  await using home = await openHome();
  const start = (part: string) => home.start(["serve", part, "--json"]).shows(/\n/);
  await Promise.all(["device-db", "erp"].map(start));
  const { code, failing } = await examine(home);
  expect([code, failing.map(({ name, fix }) => [name, fix?.command])]).toEqual([
    3,
    [
      ["bot", "npm run aromapod -- serve bot"],
      ["devices", "npm run aromapod -- serve device-sim"],
    ],
  ]);
  await Promise.all(["bot", "device-sim"].map(start));
  await podIs(home, /^online$/);
  expect((await examine(home)).code).toBe(0);
});

test("people get a line for each check, the fix below it, and a sentence at the end", async () => {
  await using home = await openHome();
  const shown = async (more: Record<string, string>) => {
    const { code, stdout, stderr } = await home.run(["doctor"], { ERP_ALLOW: "10.0.0.1", ...more });
    expect([code, stderr]).toEqual([3, ""]);
    return stdout;
  };
  const plain = await shown({});
  expect(plain).not.toContain(ESCAPE);
  expect(plain).toMatch(/^This machine\n {2}✔ Node +\d+\.\d+\.\d+\n/);
  expect(plain).toMatch(/\n {2}– bot +does not run; .*\n/);
  expect(plain).toMatch(
    /\n {2}✘ allow-list +127\.0\.0\.1, .* is not on it\n {25}→ Before the kit starts anew:\n {27}export ERP_ALLOW=\S+\n/,
  );
  expect(plain).toMatch(/\n\n1 check of \d+ failed: allow-list\.\n$/);
  expect(await shown({ FORCE_COLOR: "1" })).toContain(`${ESCAPE}[31m✘`);
});
