import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isFree } from "../../scripts/free-ports.ts";
import { eventually } from "../support/eventually.ts";
import { openHome } from "../support/home.ts";
import { CA_FILE, openOutsideBroker } from "../support/outside-broker.ts";

const SECRET = "s3cret-of-the-hotel";

describe("with MQTT_URL", () => {
  test("start --json tells of that broker, does not listen for another, and never of the password", async () => {
    await using broker = await openOutsideBroker("wss");
    await using home = await openHome();
    const env = { MQTT_URL: broker.url, MQTT_CA: CA_FILE, MQTT_USER: "hotel", MQTT_PASSWORD: SECRET };
    const running = home.start(["start", "--json"], env);
    const [line] = await running.shows(/^.*\n/);
    expect(JSON.parse(line)).toMatchObject({ ready: true, mqtt: broker.url });
    expect(await isFree(Number(home.env["MQTT_PORT"]))).toBe(true);
    await running.stop("SIGTERM");
    expect(JSON.stringify(running.output)).not.toContain(SECRET);
  });

  test("each part finds that broker by itself, whichever starts first", async () => {
    await using broker = await openOutsideBroker("mqtts");
    await using home = await openHome();
    for (const part of ["device-sim", "bot", "device-db"]) {
      const running = home.start(["serve", part, "--json"], { MQTT_URL: broker.url, MQTT_CA: CA_FILE });
      await running.shows(/^.*\n/);
    }
    for (const name of ["DEVICE_SIM_PORT", "BOT_PORT", "DEVICE_DB_PORT"])
      await eventually(async () => {
        const ready = await fetch(`http://127.0.0.1:${home.env[name] ?? ""}/readyz?verbose`);
        expect([name, ready.status, await ready.text()]).toEqual([
          name,
          200,
          expect.stringContaining("[+]broker ok\n"),
        ]);
      });
  });

  test("a start gives up after ten seconds at a broker that lets nobody in, and says why", async () => {
    await using broker = await openOutsideBroker();
    broker.letIn(() => false);
    await using home = await openHome();
    const outcome = await home.run(["start", "--json"], {
      MQTT_URL: broker.url,
      MQTT_USER: "hotel",
      MQTT_PASSWORD: SECRET,
    });
    expect(outcome).toMatchObject({ code: 3, stdout: "" });
    const lines = outcome.stderr.trimEnd().split("\n");
    expect(lines.pop()).toBe(
      `The parts did not find each other within ten seconds at the broker ${broker.url}, whose failures are told above.`,
    );
    for (const told of lines.map((line) => JSON.parse(line) as object))
      expect(told).toMatchObject({ broker: broker.url, reason: "Connection refused: Not authorized" });
    expect([lines.length, outcome.stderr.includes(SECRET)]).toEqual([3, false]);
  });
});

test.for<[settings: Record<string, string>, sentence: RegExp]>([
  [{ MQTT_URL: `mqtt://hotel:${SECRET}@127.0.0.1` }, /^Bad setting: MQTT_URL must be a URL [^\n]*\.\n$/],
  [{ MQTT_URL: "https://127.0.0.1" }, /^Bad setting: MQTT_URL must be a URL [^\n]*\.\n$/],
  [{ MQTT_USER: "hotel", MQTT_PASSWORD: SECRET }, /^MQTT_USER needs MQTT_URL\.\n$/],
  [{ MQTT_URL: "mqtts://127.0.0.1", MQTT_CA: "none" }, /^Cannot read MQTT_CA "none": [^\n]*\.\n$/],
  [
    { MQTT_URL: "mqtts://127.0.0.1", MQTT_CA: "text" },
    /^Cannot read MQTT_CA "text": it holds no certificate in PEM\.\n$/,
  ],
])("%j cannot start: exit code 3 and one sentence", async ([settings, sentence]) => {
  await using home = await openHome();
  await writeFile(join(home.path, "text"), "no certificate");
  const { code, stdout, stderr } = await home.run(["start", "--json"], { MQTT_URL: "", ...settings });
  expect({ code, stdout, stderr }).toEqual({ code: 3, stdout: "", stderr: expect.stringMatching(sentence) as string });
  expect(stderr).not.toContain(SECRET);
});
