import { expect } from "vitest";
import { openStream } from "../support/chat-stream.ts";
import { lines } from "../support/direct-line-api.ts";
import { openDirectLineJs, STATUS } from "../support/direct-line-js.ts";
import { openChannel } from "./channel.ts";
import { END, message, NOT_UNDERSTOOD, QUESTION, THANKS, type World } from "./world.ts";

const SORRY = expect.stringMatching(/^bot: Sorry, something went wrong here/) as string;

/** A bot that throws is told by a status, and by words in the conversation; the next message is heard again. */
export async function botThrows({ browser }: World): Promise<void> {
  await using channel = await openChannel({ throwsAt: ["bang", "crash"] });
  const { token, path, conversationId, streamUrl } = await channel.begin();
  await using stream = openStream(streamUrl);
  const send = (text: string) => ({ token, body: message(text) });
  expect(await channel.api.failure("POST", `${path}/activities`, send("bang"))).toBe("502 BotRejectedActivity");
  const said = [QUESTION, "user: bang", SORRY];
  await stream.hears(said);

  await using client = await openDirectLineJs(browser, channel.url, { token, conversationId });
  await client.hears(said);
  await client.say("crash");
  said.push("user: crash", SORRY);
  await client.hears(said);
  await client.say("one");
  await client.say("b");
  said.push("user: one", NOT_UNDERSTOOD, "user: b", THANKS, END);
  await client.hears(said);
  expect((await client.statuses()).at(-1)).toBe(STATUS.online);
  expect(lines((await channel.api.get(`${path}/activities`, token)).body.activities)).toEqual(said);
}

/** Nothing of what it had decided counts; the same activity, sent again under the same mark, is heard then. */
export async function botThrowsLate(): Promise<void> {
  await using channel = await openChannel({ throwsAt: ["b"] });
  const { token, path, conversationId } = await channel.begin();
  const tap = { token, body: message("b", { channelData: { clientActivityID: "tap" } }) };
  expect(await channel.api.failure("POST", `${path}/activities`, tap)).toBe("502 BotRejectedActivity");
  const { sessions } = channel.store;
  expect([sessions.find(conversationId)?.state, sessions.commandOf(conversationId)]).toEqual(["asked", undefined]);
  expect((await channel.api.ask("POST", `${path}/activities`, tap)).status).toBe(200);
  expect(sessions.find(conversationId)?.state).toBe("ended");
  const { activities } = (await channel.api.get(`${path}/activities`, token)).body;
  expect(lines(activities)).toEqual([QUESTION, "user: b", SORRY, "user: b", THANKS, END]);
}
