import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { childOf, parseTraceparent, traceparentOf } from "../../plumbing/trace.ts";

const ID = "01890a5d-ac96-774b-bcce-b302099a8057";
const TRACE = "01890a5dac96774bbcceb302099a8057";
const GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

const traceIn = (traceparent: string) => parseTraceparent(traceparent)?.traceId;

describe("a new trace", () => {
  test("has the UUID as its id, and another span each time", () => {
    expect(traceparentOf(ID)).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    expect(traceparentOf(ID.toUpperCase())).toContain(TRACE);
    expect(traceparentOf(ID)).not.toBe(traceparentOf(ID));
  });

  test.for(["s1", "", "00000000-0000-0000-0000-000000000000", "a".repeat(64), "ü/é"])(
    "of %j, which is no UUID, is a valid one, always the same and another's never",
    (id) => {
      expect(traceIn(traceparentOf(id))).toMatch(/^[0-9a-f]{32}$/);
      expect(traceIn(traceparentOf(id))).toBe(traceIn(traceparentOf(id)));
      expect(traceIn(traceparentOf(id))).not.toBe(traceIn(traceparentOf(`${id}x`)));
    },
  );
});

describe("a child", () => {
  test("keeps the trace and has a span of its own", () => {
    const child = childOf(GIVEN, ID);
    expect(child).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
    expect(child).not.toBe(GIVEN);
  });

  test.for([
    [GIVEN.replace(/01$/, "00"), "00"],
    [GIVEN.replace(/01$/, "03"), "03"],
    [GIVEN.replace(/01$/, "ff"), "03"],
  ])("of %s keeps the flags that are known: %s", ([given = "", flags = ""]) => {
    expect(childOf(given, ID).slice(-2)).toBe(flags);
  });

  test("of a version that is not known yet is of the known one", () => {
    expect(childOf(`${GIVEN.replace(/^00/, "cc")}-what-the-future-will-be`, ID)).toMatch(/^00-0af7651916cd43dd/);
    expect(childOf(GIVEN.replace(/^00/, "cc"), ID)).toMatch(/^00-0af7651916cd43dd/);
  });

  test.for<[what: string, given: string | null | undefined]>([
    ["nothing", undefined],
    ["null", null],
    ["no text", ""],
    ["the forbidden version", GIVEN.replace(/^00/, "ff")],
    ["more than version 00 has", `${GIVEN}-00`],
    ["a hyphen too many", `${GIVEN}-`],
    ["a newline behind it", `${GIVEN}\n`],
    ["capitals", GIVEN.toUpperCase()],
    ["a trace id of zeros", `00-${"0".repeat(32)}-b7ad6b7169203331-01`],
    ["a span id of zeros", `00-${TRACE}-${"0".repeat(16)}-01`],
    ["a short trace id", GIVEN.replace("0af7", "af7")],
    ["no flags", GIVEN.slice(0, -3)],
    ["something that is no hex", GIVEN.replace("0af7", "0xf7")],
    ["a later version without a hyphen", `${GIVEN.replace(/^00/, "cc")}x`],
  ])("of %s is the beginning of the trace of what it is for", ([, given]) => {
    expect(traceIn(childOf(given, ID))).toBe(TRACE);
  });

  test("is valid, whatever was given", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constant(GIVEN)), fc.string(), (given, id) => {
        expect(parseTraceparent(childOf(given, id))).toBeDefined();
      }),
    );
  });
});
