import { expect, test } from "vitest";
import { openKit } from "../support/kit.ts";

/** Another address of this machine, as one in the local network is. */
const LAN_HOST = "127.0.0.2";

test("in the local network phones reach the chat, and nothing else", async () => {
  await using kit = await openKit("safe", {}, LAN_HOST);
  const lan = new URL(kit.launchUrl).origin;
  expect(new URL(lan).hostname).toBe(LAN_HOST);
  const statusOf = async (path: string, method = "GET") => (await fetch(lan + path, { method })).status;

  expect((await fetch(kit.launchUrl)).status).toBe(200);
  expect(await statusOf("/livez")).toBe(200);
  expect(await statusOf("/v3/directline/conversations", "POST")).toBe(401);
  const closed = ["/readyz", "/metrics", "/api/sessions/x", "/api/launch/HKAP0100000001"];
  expect(await Promise.all(closed.map((path) => statusOf(path)))).toEqual(closed.map(() => 404));
  expect(await statusOf("/api/messages", "POST")).toBe(404);

  const { bot: _, ...others } = kit.urls;
  for (const [part, url] of Object.entries(others)) {
    const refused = fetch(`http://${LAN_HOST}:${new URL(url).port}/livez`);
    await expect(refused, part).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
  }
});
