import { expect, test } from "vitest";
import { isFree } from "../../scripts/free-ports.ts";
import { openHome } from "../support/home.ts";

test("a second device database on the same data refuses with one sentence, and the first goes on", async () => {
  await using home = await openHome();
  const first = home.start(["serve", "device-db", "--json"]);
  const [line] = await first.shows(/^.*\n/);
  const { url } = JSON.parse(line) as { url: string };
  const ports = { DEVICE_DB_PORT: "0", MQTT_PORT: "0" };

  const { code, stdout, stderr } = await home.run(["serve", "device-db", "--json"], ports);

  expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
  expect(stderr).toMatch(/^[^\n]*The store "[^"]*device-db\.sqlite" is in use by another process[^\n]*\n$/);
  expect((await fetch(`${url}/livez`)).status).toBe(200);
});

test("when the first is killed, the second may start at once", async () => {
  await using home = await openHome();
  const first = home.start(["serve", "device-db", "--json"]);
  await first.shows(/\n/);
  await first.stop("SIGKILL");
  const second = home.start(["serve", "device-db", "--json"]);
  const [line] = await second.shows(/^.*\n/);
  expect(JSON.parse(line)).toMatchObject({ ready: true });
  expect(await isFree(home.ports[1] ?? 0)).toBe(false);
});
