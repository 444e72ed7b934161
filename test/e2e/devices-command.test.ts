import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { beforeAll, describe, expect, test } from "vitest";
import type { DeviceView } from "../../device-db/contract.ts";
import { SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { type Home, openHome } from "../support/home.ts";

const OTHER = "HKAP0100000002";
const CUT_OFF_WITHIN_MS = 1_000;

let home: Home;
let kit: Awaited<ReturnType<Home["startKit"]>>["ready"];
beforeAll(async () => {
  home = await openHome();
  kit = (await home.startKit()).ready;
  return () => home[Symbol.asyncDispose]();
});

const devices = (...args: string[]) => home.run(["devices", ...args]);
const data = async <T>(...args: string[]): Promise<T> => {
  const { code, stdout, stderr } = await devices(...args, "--json");
  expect([args, code, stderr]).toEqual([args, 0, ""]);
  return JSON.parse(stdout) as T;
};
const rowsOf = (stdout: string) => stdout.split("\n").map((line) => line.split(/ {2,}/));
const device = async (serial = SERIAL) =>
  (await (await fetch(`${kit.deviceDb}/api/devices/${serial}`)).json()) as DeviceView;
const connect = (serial: string, password: string) =>
  connectAsync(kit.mqtt, { clientId: serial, username: serial, password, reconnectPeriod: 0 });
const isOnline = (serial = SERIAL) =>
  eventually(async () => expect(await device(serial)).toMatchObject({ enabled: true, status: "online" }));

describe("aromapod devices ls", () => {
  test("shows for people and for programs what was last heard of each device", async () => {
    await isOnline();
    const { data: listed } = await data<{ data: DeviceView[] }>("ls");
    expect(listed).toEqual([
      {
        serial: SERIAL,
        room: "Room 101",
        timeZone: "Asia/Hong_Kong",
        keyVersion: 1,
        enabled: true,
        simulated: true,
        status: "online",
        firmware: "sim-2",
        lastSeen: expect.any(String) as string,
        desired: null,
        reported: expect.objectContaining({ diffusing: null, low: [], stay: null, firmware: "sim-2" }) as object,
      },
    ]);
    const { stdout } = await devices("ls");
    const lastSeen = expect.stringMatching(/^(just now|\d+ (second|minute)s? ago)$/) as string;
    expect(rowsOf(stdout)).toEqual([
      ["SERIAL", "ROOM", "STATUS", "LAST SEEN", "FIRMWARE", "ENABLED", "KIND"],
      [SERIAL, "Room 101", "online", lastSeen, "sim-2", "yes", "simulated"],
      [""],
    ]);
  });
});

describe("aromapod devices add", () => {
  test("adds a real device that has a card and a password of its own", async () => {
    const added = await data<DeviceView & { password: string }>("add", OTHER, "--room", "Suite 7");
    const { password, ...row } = added;
    expect(row).toEqual({
      serial: OTHER,
      room: "Suite 7",
      timeZone: "Asia/Hong_Kong",
      keyVersion: 1,
      enabled: true,
      simulated: false,
    });
    const { url } = JSON.parse((await home.run(["qr", OTHER, "--json"])).stdout) as { url: string };
    await eventually(async () => expect(await (await fetch(url)).text()).toContain("<h1>Suite 7</h1>"));
    await (await connect(OTHER, password)).endAsync();
    await expect(connect(OTHER, `${password}x`)).rejects.toThrow("Connection refused");
    expect(rowsOf((await devices("ls")).stdout)).toContainEqual([
      OTHER,
      "Suite 7",
      "unknown",
      "never",
      "unknown",
      "yes",
      "real",
    ]);
  });

  test("refuses a device twice, and one that no registry can hold", async () => {
    const twice = await devices("add", SERIAL, "--room", "Room 9");
    expect(twice).toEqual({ code: 1, stdout: "", stderr: `A device "${SERIAL}" is registered already.\n` });
    for (const args of [
      ["A_B", "--room", "R"],
      ["A-1", "--room", "R", "--time-zone", "Mars/Olympus"],
    ]) {
      const refused = await devices("add", ...args);
      expect(refused).toMatchObject({ code: 1, stdout: "" });
      expect(refused.stderr).toMatch(/^[^\n]+\.\n$/);
    }
    expect(await devices("add", "A-1")).toMatchObject({ code: 2, stdout: "" });
    const { data: listed } = await data<{ data: DeviceView[] }>("ls");
    expect(listed.map(({ room }) => room)).not.toContain("Room 9");
  });
});

describe("aromapod devices disable and enable", () => {
  test("cut a pod off within a second with its card, and let both come back", async () => {
    await isOnline();
    const connections = async () =>
      /^device_db_broker_connections (\d+)$/m.exec(await (await fetch(`${kit.deviceDb}/metrics`)).text())?.[1];
    const before = await connections();
    expect(await devices("disable", SERIAL)).toEqual({
      code: 0,
      stderr: "",
      stdout: `${SERIAL} is disabled: nothing is taken from it any more, and its card opens nothing.\n`,
    });
    await eventually(async () => expect(await connections()).toBe(String(Number(before) - 1)), CUT_OFF_WITHIN_MS);
    expect(rowsOf((await devices("ls")).stdout)[1]?.slice(-2)).toEqual(["no", "simulated"]);
    await eventually(async () => {
      const page = await fetch(kit.launchUrl);
      expect([page.status, await page.text()]).toEqual([404, expect.stringContaining("This card is not valid")]);
    });
    expect(await data("enable", SERIAL)).toMatchObject({ serial: SERIAL, enabled: true });
    await isOnline();
    await eventually(async () => expect((await fetch(kit.launchUrl)).status).toBe(200));
  });

  test("refuse a device that nobody registered", async () => {
    for (const name of ["disable", "enable", "rotate"])
      expect(await devices(name, "NOBODY-1")).toEqual({
        code: 1,
        stdout: "",
        stderr: 'No device "NOBODY-1" is registered.\n',
      });
  });
});

describe("aromapod devices rotate", () => {
  test("gives the simulated pod a new password, with which it comes back by itself and guests are served", async () => {
    await isOnline();
    const file = join(home.path, ".data/secrets.json");
    const before = await home.secrets();
    const { password } = await data<{ password: string }>("rotate", SERIAL);
    const after = await home.secrets();
    expect(after).toEqual({ ...before, devices: { [SERIAL]: password } });
    expect([password === before.devices[SERIAL], (await stat(file)).mode & 0o777]).toEqual([false, 0o600]);
    await expect(connect(SERIAL, before.devices[SERIAL] ?? "")).rejects.toThrow("Connection refused");
    await isOnline();
    const proof = await home.run(["poc", "--json", "--against", kit.launchUrl, "--device-db", kit.deviceDb]);
    expect([proof.code, JSON.parse(proof.stdout)]).toMatchObject([0, { ok: true }]);
  });

  test("leaves the data folder alone when the device is not simulated from it", async () => {
    const file = join(home.path, ".data/secrets.json");
    const before = await readFile(file, "utf8");
    await data("add", "A-2", "--room", "Room 2");
    const rotated = await devices("rotate", "A-2");
    const [, password = ""] = /^MQTT password +(\S+)$/m.exec(rotated.stdout) ?? [];
    expect(rotated.stdout).not.toContain("simulated");
    await (await connect("A-2", password)).endAsync();
    expect(await readFile(file, "utf8")).toBe(before);
  });
});

test("a kit whose device is disabled starts all the same, and so does one whose password was changed", async () => {
  await using other = await openHome();
  const first = await other.startKit();
  expect(await other.run(["devices", "rotate", SERIAL])).toMatchObject({ code: 0 });
  expect(await other.run(["devices", "disable", SERIAL])).toMatchObject({ code: 0 });
  await first.stop("SIGTERM");
  const { ready } = await other.startKit();
  expect((await fetch(ready.launchUrl)).status).toBe(404);
  expect(await other.run(["devices", "enable", SERIAL])).toMatchObject({ code: 0 });
  await eventually(async () => expect((await fetch(`${ready.deviceSim}/readyz`)).status).toBe(200));
});
