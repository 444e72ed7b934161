import { expect, test } from "vitest";
import { beginChat } from "../support/chat-guest.ts";
import { eventually } from "../support/eventually.ts";
import { openKit, sessionAtBot } from "../support/kit.ts";

test("with BOT_IDLE_S=5 a guest who says nothing is warned after four seconds, and finds the chat closed a second later", async () => {
  await using kit = await openKit("safe", { BOT_IDLE_S: "5" });
  const begunAt = performance.now();
  const guest = await beginChat(kit.launchUrl);
  const hears = (words: string) =>
    eventually(async () => {
      const { activities } = await guest.read();
      expect(activities.map(({ text, code }) => text ?? code)).toContain(words);
      return performance.now() - begunAt;
    });

  expect(await hears("Are you still there? This chat closes soon.")).toBeGreaterThan(3_900);
  expect(await hears("botTimedOut")).toBeGreaterThan(4_900);
  expect((await sessionAtBot(kit, guest.id)).state).toBe("abandoned");
});
