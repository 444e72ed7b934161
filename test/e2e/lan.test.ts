import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createLog } from "../../plumbing/log.ts";
import { loadSettings } from "../../scripts/settings.ts";
import { startSystem } from "../../scripts/system.ts";

/** Another address of this machine, as one in the local network is. */
const LAN_HOST = "127.0.0.2";

test("in the local network phones reach the chat, and nothing else", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lan-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const anyPort = { BOT_PORT: "0", DEVICE_DB_PORT: "0", DEVICE_SIM_PORT: "0", ERP_PORT: "0", MQTT_PORT: "0" };
  const settings = loadSettings({ ...anyPort, DATA_DIR: folder });
  await using system = await startSystem({ settings, log: createLog("silent"), lanHost: LAN_HOST });
  const lan = new URL(system.launchUrl).origin;
  expect(new URL(lan).hostname).toBe(LAN_HOST);
  const statusOf = async (path: string, method = "GET") => (await fetch(lan + path, { method })).status;

  expect((await fetch(system.launchUrl)).status).toBe(200);
  expect(await statusOf("/livez")).toBe(200);
  expect(await statusOf("/v3/directline/conversations", "POST")).toBe(401);
  const closed = ["/readyz", "/metrics", "/api/sessions/x", "/api/launch/HKAP0100000001"];
  expect(await Promise.all(closed.map((path) => statusOf(path)))).toEqual(closed.map(() => 404));
  expect(await statusOf("/api/messages", "POST")).toBe(404);

  const others = [system.urls.deviceDb, system.urls.deviceSim, system.urls.erp];
  for (const { port } of others.map((url) => new URL(url))) {
    await expect(fetch(`http://${LAN_HOST}:${port}/livez`)).rejects.toThrow("fetch failed");
  }
});
