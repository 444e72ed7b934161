import { beforeAll, expect, test } from "vitest";
import { createGuest } from "../../scripts/guest.ts";
import { replay } from "../../scripts/replay.ts";
import { parseTranscript } from "../../scripts/transcript-file.ts";
import { beginChat } from "../support/chat-guest.ts";
import { askOperator, type Kit, openKit } from "../support/kit.ts";

let kit: Kit;
/** Of a session that was answered with `b`. */
let transcript = "";
beforeAll(async () => {
  kit = await openKit("safe");
  const guest = await beginChat(kit.launchUrl);
  expect(await guest.say("b")).toMatchObject({ status: 200 });
  transcript = await (await askOperator(`${kit.urls.bot}/api/sessions/${guest.id}/transcript`, kit.secrets)).text();
  return () => kit[Symbol.asyncDispose]();
});

const replayed = (text: string) =>
  replay(
    parseTranscript(Buffer.from(text)),
    createGuest(kit.launchUrl, () => undefined),
  );

/** The same transcript with one thing changed. */
function edited(from: string | RegExp, to: string): string {
  const text = transcript.replace(from, to);
  expect(text).not.toBe(transcript);
  return text;
}

test("the bot says the same again, and again", async () => {
  expect(await replayed(transcript)).toEqual({ ok: true, checked: 3 });
  expect(await replayed(transcript)).toEqual({ ok: true, checked: 3 });
});

test.for<[what: string, from: string | RegExp, to: string, difference: object]>([
  [
    "another word",
    "Thank you.",
    "Thanks.",
    { at: 2, expected: { text: "Thanks. I am asking your AromaPod for wood." } },
  ],
  ["another button", "c) Water", "c) Lake", { at: 1, after: "" }],
  ["another end", "completedSuccessfully", "userCancelled", { at: 3, seen: { code: "completedSuccessfully" } }],
  ["another type", '"endOfConversation"', '"event"', { at: 3, expected: { type: "event" } }],
  ["another answer", '"text":"b"', '"text":"c"', { at: 2, after: "c" }],
  [
    "no end",
    /,\{"id":"[^"]*","timestamp":"[^"]*","type":"endOfConversation"[^]*\}(?=\])/,
    "",
    { at: 3, expected: null },
  ],
  ["more at its end", /\]$/, ',{"type":"message","from":{"role":"bot"},"text":"Bye."}]', { at: 4, seen: null }],
  [
    "words after its end",
    /\]$/,
    ',{"type":"message","from":{"role":"user"},"text":"a"}]',
    { seen: { type: "refused" } },
  ],
])("a transcript with %s fails where it differs", async ([, from, to, difference]) => {
  expect(await replayed(edited(from, to))).toMatchObject({ ok: false, difference });
});

test("what a transcript does not tell is not compared: its buttons, and what came after a wait", async () => {
  expect(await replayed(edited(/"suggestedActions":\{.*?\]\},?/, ""))).toEqual({ ok: true, checked: 3 });
  const late = { type: "message", timestamp: "2999-01-01T00:00:00.000Z", from: { role: "bot" }, text: "Still there?" };
  expect(await replayed(edited(/\]$/, `,${JSON.stringify(late)}]`))).toEqual({ ok: true, checked: 3, late: 1 });
});
