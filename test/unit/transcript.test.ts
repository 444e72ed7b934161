import { describe, expect, test } from "vitest";
import { transcriptOf } from "../../bot/transcript.ts";
import { turnsOf } from "../../scripts/replay.ts";
import { parseTranscript, type Recorded } from "../../scripts/transcript-file.ts";
import { SERIAL } from "../support/devices.ts";

const NOON = Date.parse("2026-03-01T12:00:00.000Z");
const at = (seconds: number) => new Date(NOON + seconds * 1_000).toISOString();

describe("what was said in a session", () => {
  const session = { userId: "dl_1", serial: SERIAL, conversation: "c", startedAt: NOON, endedAt: NOON + 9_000 };
  const guest = { id: "dl_1", name: "Guest", role: "user" };
  const bot = { id: `pod-${SERIAL}`, name: "AromaPod", role: "bot" };

  test("has an id and a role for both sides of every activity, and what the talk consists of", () => {
    const actions = { to: ["dl_1"], actions: [{ type: "messageBack", title: "b) Wood", value: { choice: "wood" } }] };
    const said = [
      {
        id: "1",
        timestamp: at(0),
        type: "message",
        from: { id: "x", role: "bot" },
        text: "?",
        suggestedActions: actions,
      },
      {
        id: "2",
        timestamp: at(1),
        type: "message",
        from: { id: "dl_1" },
        text: "",
        value: { choice: "wood" },
        locale: "de",
      },
      {
        id: "3",
        timestamp: at(1),
        type: "endOfConversation",
        from: bot,
        code: "completedSuccessfully",
        replyToId: "2",
      },
    ];
    const frame = { channelId: "directline", conversation: { id: "c" } };
    const byBot = { ...frame, from: bot, recipient: guest };
    const byGuest = { ...frame, from: guest, recipient: bot };
    expect(transcriptOf(session, said)).toEqual([
      { ...byBot, id: "1", timestamp: at(0), type: "message", text: "?", suggestedActions: actions },
      { ...byGuest, id: "2", timestamp: at(1), type: "message", text: "", value: { choice: "wood" }, locale: "de" },
      { ...byBot, id: "3", timestamp: at(1), type: "endOfConversation", code: "completedSuccessfully", replyToId: "2" },
    ]);
  });

  test("leaves out what clients tell their servers, and the link of a card", () => {
    const link = `${SERIAL}-1-aaaaaaaaaaaaaaaaaaaaaa`;
    const private_ = { channelData: { token: "secret" }, serviceUrl: "secret", callerId: "secret" };
    const said = [{ id: "1", timestamp: at(0), type: "message", from: guest, text: `/start ${link}`, ...private_ }];
    const [activity] = transcriptOf(session, said);
    expect(activity?.["text"]).toBe("/start …");
    expect(JSON.stringify(activity)).not.toMatch(/secret|aaaa/);
  });

  test("ends where the session does, if the conversation goes on", () => {
    const said = [-1, 0, 4, 9, 10].map((seconds) => ({ id: String(seconds), timestamp: at(seconds), from: bot }));
    expect(transcriptOf(session, said).map(({ id }) => id)).toEqual(["0", "4", "9"]);
    expect(transcriptOf({ ...session, endedAt: null }, said).map(({ id }) => id)).toEqual(["0", "4", "9", "10"]);
    const start = { id: "next", timestamp: at(9), from: guest, text: `start ${SERIAL}-1-aaaaaaaaaaaaaaaaaaaaaa` };
    const superseded = [...said.slice(0, 3), start, ...said.slice(3)];
    expect(transcriptOf(session, superseded).map(({ id }) => id)).toEqual(["0", "4"]);
  });
});

describe("the turns of a transcript", () => {
  const bot = (seconds: number, text: string): Recorded => ({
    type: "message",
    timestamp: at(seconds),
    from: { role: "bot" },
    text,
    locale: "ja",
  });
  const guest = (seconds: number, text: string, more: Partial<Recorded> = {}): Recorded => ({
    type: "message",
    timestamp: at(seconds),
    from: { role: "user" },
    text,
    ...more,
  });
  /** Each turn as what the guest does and what the bot is to say. */
  const shapeOf = (activities: Recorded[]) => {
    const { turns, late } = turnsOf(activities);
    return {
      turns: turns.map(({ begins, words, says }) => [begins ? "begins" : words.text, ...says.map(({ text }) => text)]),
      late,
    };
  };

  test("are the beginning and each message of the guest, with what the bot said to it", () => {
    const activities = [
      bot(0, "?"),
      guest(60, "x"),
      bot(61, "pardon?"),
      guest(62, "b"),
      bot(62, "thanks"),
      bot(62, "bye"),
    ];
    expect(shapeOf(activities)).toEqual({
      turns: [
        ["begins", "?"],
        ["x", "pardon?"],
        ["b", "thanks", "bye"],
      ],
      late: 0,
    });
    expect(turnsOf(activities).turns[0]?.locale).toBe("ja");
  });

  test("do not hold what is no message of the guest", () => {
    const typing = guest(1, "", { type: "typing" });
    expect(shapeOf([guest(0, "", { type: "conversationUpdate" }), bot(0, "?"), typing, bot(2, "!")]).turns).toEqual([
      ["begins", "?", "!"],
    ]);
  });

  test("do not hold what the bot said after it had waited, for a replay does not wait", () => {
    const warned = [bot(0, "?"), bot(240, "still there?"), bot(300, "closed"), bot(300, "bye")];
    expect(shapeOf(warned)).toEqual({ turns: [["begins", "?"]], late: 3 });
    const back = [bot(0, "?"), bot(240, "still there?"), guest(250, "b"), bot(250, "thanks")];
    expect(shapeOf(back)).toEqual({
      turns: [
        ["begins", "?"],
        ["b", "thanks"],
      ],
      late: 1,
    });
  });

  test("begin anew with the link of a card, and without it the bot knew no pod", () => {
    const activities = [bot(0, "scan!"), guest(1, "start …"), bot(1, "?"), guest(2, "b"), bot(2, "thanks")];
    expect(shapeOf(activities)).toEqual({
      turns: [
        ["begins", "?"],
        ["b", "thanks"],
      ],
      late: 1,
    });
  });

  test("do without times", () => {
    const activities = [bot(0, "?"), guest(9_000, "b"), bot(90_000, "thanks")];
    for (const activity of activities) delete activity.timestamp;
    expect(shapeOf(activities)).toEqual({
      turns: [
        ["begins", "?"],
        ["b", "thanks"],
      ],
      late: 0,
    });
  });
});

describe("a transcript file", () => {
  const read = (content: unknown) => parseTranscript(Buffer.from(JSON.stringify(content)));
  const activity = { type: "message", from: { role: "bot" }, text: "火" };

  test("is a flat list, or one under its name", () => {
    expect(read([activity])).toEqual([activity]);
    expect(read({ transcript: [activity] })).toEqual([activity]);
    expect(parseTranscript(Buffer.from(`\ufeff${JSON.stringify([activity])}`))).toEqual([activity]);
  });

  test.for<[what: string, bytes: Uint8Array, sentence: RegExp]>([
    ["UTF-16", Buffer.from(`\ufeff${JSON.stringify([activity])}`, "utf16le"), /^It is UTF-16, /],
    ["UTF-16 without a mark", Buffer.from(JSON.stringify([activity]), "utf16le"), /^It is UTF-16, /],
    ["Latin-1", Buffer.from(`[{"text":"für"}]`, "latin1"), /^It is not UTF-8\.$/],
    ["no JSON", Buffer.from("user: hello"), /^It is no JSON\.$/],
    ["nothing", Buffer.of(), /^It is no JSON\.$/],
    ["no list", Buffer.from("{}"), /^It holds no list/],
    ["null", Buffer.from("null"), /^It holds no list/],
    ["no activity", Buffer.from("[null]"), /^Its activity 1 lacks/],
    ["an activity of nobody", Buffer.from(`[${JSON.stringify(activity)},{"type":"message"}]`), /^Its activity 2 lacks/],
    [
      "an activity of another role",
      Buffer.from(`[{"type":"message","from":{"role":"skill"}}]`),
      /^Its activity 1 lacks/,
    ],
    ["words that are none", Buffer.from(`[{"type":"message","from":{"role":"bot"},"text":{}}]`), /^Its activity 1/],
  ])("cannot be %s", ([, bytes, sentence]) => {
    expect(() => parseTranscript(bytes)).toThrow(sentence);
  });
});
