import { afterAll, beforeAll, expect, test } from "vitest";
import { createHttpGuest } from "../../scripts/scenarios/http-guest.ts";
import { DIALOGUES } from "../support/guest-dialogues.ts";
import { type Kit, openKit } from "../support/kit.ts";

let kit: Kit;
beforeAll(async () => {
  kit = await openKit("safe");
});
afterAll(() => kit[Symbol.asyncDispose]());

test.for(DIALOGUES)("a guest who is a program $name", async ({ language, says, told, hears }) => {
  const guest = createHttpGuest(kit.launchUrl, () => expect.unreachable());
  await guest.scan(language);
  const answer = await says(guest);
  if (told !== undefined) expect(answer).toEqual(told);
  await expect.poll(guest.heard).toEqual(hears);
});
