import { expect, test } from "vitest";
import { beginChat } from "../support/chat-guest.ts";
import { openStream } from "../support/chat-stream.ts";
import { openKit } from "../support/kit.ts";

const IN_GOOD_TIME_MS = 3_000;

test("an open stream that nobody closes does not hold up the end of the kit", async () => {
  const kit = await openKit("safe");
  await using stream = openStream((await beginChat(kit.launchUrl)).streamUrl);
  await stream.hears([expect.stringMatching(/^bot: Which scent/) as string]);
  const startedAt = performance.now();
  await kit[Symbol.asyncDispose]();
  expect(performance.now() - startedAt).toBeLessThan(IN_GOOD_TIME_MS);
  expect(await stream.ended).toBe(1001);
});
