import { expect, test } from "vitest";
import { openGuestBot } from "../support/guest-bot.ts";

test.each([
  [undefined, null],
  ["http://scent.hotel.example", null],
  ["https://scent.hotel.example", "max-age=31536000"],
])("with PUBLIC_URL %s browsers are told to keep to https: %s", async (publicUrl, expected) => {
  await using bot = await openGuestBot(publicUrl ? { publicUrl } : {});
  expect((await fetch(`${bot.url}/livez`)).headers.get("strict-transport-security")).toBe(expected);
});
