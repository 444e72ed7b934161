import { expect, test } from "vitest";
import { openKit } from "../support/kit.ts";

const IN_GOOD_TIME_MS = 3_000;

test("an open stream that nobody closes does not hold up the end of the kit", async () => {
  const kit = await openKit("safe");
  const post = async (path: string, headers = {}) =>
    (await fetch(kit.urls.bot + path, { method: "POST", headers })).json() as Promise<Record<string, string>>;
  const { token = "" } = await post(`${new URL(kit.launchUrl).pathname}/token`);
  const { streamUrl = "" } = await post("/v3/directline/conversations", { authorization: `Bearer ${token}` });
  const socket = new WebSocket(streamUrl);
  await new Promise((resolve) => socket.addEventListener("message", resolve, { once: true }));

  const closed = new Promise<number>((resolve) => socket.addEventListener("close", ({ code }) => resolve(code)));
  const startedAt = performance.now();
  await kit[Symbol.asyncDispose]();
  expect(performance.now() - startedAt).toBeLessThan(IN_GOOD_TIME_MS);
  expect(await closed).toBe(1001);
});
