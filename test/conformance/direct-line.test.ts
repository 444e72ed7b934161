import { beforeAll, describe, expect, test } from "vitest";
import * as activities from "./activities.ts";
import * as ends from "./ends.ts";
import { botThrows, botThrowsLate } from "./failures.ts";
import * as reconnects from "./reconnects.ts";
import * as refusals from "./refusals.ts";
import * as starts from "./starts.ts";
import * as streams from "./streams.ts";
import * as tokens from "./tokens.ts";
import * as watermarks from "./watermarks.ts";
import * as webChat from "./web-chat.ts";
import { openWorld, type World } from "./world.ts";

/** One of them starts a kit of processes, twice in part. */
const DEADLINE_MS = 90_000;

type Check = (world: World) => Promise<void>;

/** Direct Line 3.0 as its real clients use it. "The client" is DirectLineJS in a browser. */
const TABLE: [id: string, title: string, check: Check][] = [
  ["C01", "the secret makes tokens, for the user it names", tokens.secretMakesTokens],
  ["C01", "nothing but the secret does", tokens.onlySecretMakesTokens],
  [
    "C01",
    "a token without a pod asks for the card, and its conversation holds many sessions",
    tokens.secretConversation,
  ],
  ["C01", "the secret itself starts conversations", tokens.secretStartsConversations],
  ["C01", "a session stays the one of its token, whatever link is sent in it", tokens.linkInSession],
  ["C02", "a start is 201, then 200 for the same conversation and question", starts.startedOnce],
  ["C02", "a start that is made again is heard", starts.startedAgain],
  ["C03", "a start takes every body that clients send", starts.startBodies],
  ["C03", "a start refuses what is no such body", starts.badStartBodies],
  ["C04", "start, resume and refresh bring a token, a refresh without body or type", tokens.everyAnswerBringsToken],
  ["C04", "refreshing ends a day after the first token", tokens.refreshingEnds],
  ["C05", "the stream's address is absolute, at the guest's host or the public one", streams.streamAddress],
  ["C05", "the stream's token is its own, for a minute, and for more than one socket", streams.streamToken],
  ["C06", "what was said before the socket opened is replayed, once and in order", streams.replayAtFirst],
  ["C07", "empty frames are ignored, and the server sends sets of activities only", streams.keepAlive],
  ["C08", "an activity comes back under the token's user, before the reply", activities.echo],
  ["C09", "a stream begins after its watermark, whatever stands there", watermarks.streamFromWatermark],
  ["C10", "so does reading", watermarks.readFromWatermark],
  ["C10", "reading gives what was said, and no typing", watermarks.onlyWhatWasSaid],
  ["C10", "reading goes by pages", watermarks.pages],
  ["C10", "reading never fails under load", watermarks.readingUnderLoad],
  ["C10", "the client polls from question to end", watermarks.polling],
  ["C11", "the client loses and doubles nothing, however its stream is lost", reconnects.streamLost],
  ["C12", "the client goes on after its token has expired", reconnects.tokenExpired],
  ["C12", "a token that was good expires", tokens.tokenExpires],
  ["C13", "the client refreshes its token, again and again", reconnects.tokenRefreshed],
  ["C14", "a token opens its own conversation only", tokens.tokenIsForOneConversation],
  ["C14", "a token has to be one of ours", tokens.tokenHasToBeOurs],
  ["C15", "the end is enforced", ends.enforcedEnd],
  ["C15", "the client stops after the end", ends.clientStops],
  ["C15", "streams hear the end and are closed", ends.streamsClose],
  ["C15", "the end of one of several sessions is not the end of the conversation", ends.streamsOutliveSessions],
  ["C16", "two clients get everything, and none is closed", streams.severalSockets],
  ["C16", "the newest of too many sockets is refused", streams.tooManySockets],
  ["C17", "a restart in the middle of a chat loses nothing", reconnects.restart],
  ["C18", "configured origins are let in", refusals.configuredOrigin],
  ["C18", "other origins are refused", refusals.otherOrigins],
  ["C18", "a token may be good on some pages only", refusals.trustedOrigins],
  ["C19", "uploads are refused, and stored nowhere", refusals.uploads],
  ["C19", "sign-in cards and the streaming extension are refused", refusals.absentParts],
  ["C20", "what is no activity for the bot is refused", activities.refusedActivities],
  ["C20", "an activity may be so long and so deep", activities.largestActivity],
  ["C20", "a conversation may be so long", activities.longestConversation],
  ["C20", "packed bodies are refused", activities.packedActivity],
  ["C20", "kinds without a use are taken and ignored", activities.ignoredActivities],
  ["C20", "a guest who types is not given up", activities.typingKeepsAwake],
  ["C21", "a client cannot join twice", activities.joiningTwice],
  ["C22", "a bot that throws is told, and the conversation goes on", botThrows],
  ["C22", "nothing counts of what a bot decided before it threw", botThrowsLate],
  ["C23", "the same activity twice is one turn", activities.sameActivityTwice],
  ["C23", "the same answer twice is one end", activities.sameAnswerTwice],
  ["C24", "Web Chat's first message and answer, and their echo", webChat.webChatEcho],
  ["C24", "Web Chat's demands on order and replies", webChat.webChatOrder],
  ["C24", "Web Chat's demands on buttons", webChat.webChatButtons],
];

describe("Direct Line", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
    return () => world[Symbol.asyncDispose]();
  }, 60_000);

  test.for(TABLE)("%s: %s", { timeout: DEADLINE_MS }, ([, , check]) => check(world));
});

test("no check of the list is missing", () => {
  const list = Array.from({ length: 24 }, (_, at) => `C${String(at + 1).padStart(2, "0")}`);
  expect([...new Set(TABLE.map(([id]) => id))].toSorted()).toEqual(list);
});
