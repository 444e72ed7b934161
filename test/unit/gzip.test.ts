import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { gzipped } from "../../plumbing/gzip.ts";
import type { Reply } from "../../plumbing/http-reply.ts";

const LONG = "calm ".repeat(1_000);
const reply = (type: string, body: string | Buffer = LONG): Reply => ({
  status: 200,
  headers: { "content-type": type },
  body,
});

test.each([
  "text/html; charset=utf-8",
  "text/javascript; charset=utf-8",
  "text/plain",
  "application/json; charset=utf-8",
  "application/problem+json",
  "image/svg+xml",
])("%s goes out compressed to who accepts that, and as it is to others", (type) => {
  const given = gzipped(reply(type), "gzip, deflate, br");
  expect(given.headers).toEqual({ "content-type": type, "content-encoding": "gzip", vary: "accept-encoding" });
  expect(gunzipSync(given.body).toString()).toBe(LONG);
  expect(gzipped(reply(type), undefined)).toEqual({
    ...reply(type),
    headers: { "content-type": type, vary: "accept-encoding" },
  });
});

test.each([
  ["gzip", true],
  ["br;q=1, GZIP;q=0.5", true],
  ["gzip;q=0.001", true],
  ["gzip;q=0", false],
  ["gzip; q=0.000, identity", false],
  ["x-gzipped", false],
  ["identity", false],
  ["", false],
] as const)("Accept-Encoding %j means compressed: %j", (header, expected) => {
  expect(gzipped(reply("text/html"), header).headers["content-encoding"] === "gzip").toBe(expected);
});

test("what is short or no text goes out as it is, and says nothing of encodings", () => {
  for (const plain of [reply("text/html", "short"), reply("image/png"), reply("application/octet-stream")])
    expect(gzipped(plain, "gzip")).toBe(plain);
});

test("a reply that is sent again is compressed once; what it varies by otherwise is kept", () => {
  const page = { ...reply("text/html"), headers: { "content-type": "text/html", vary: "cookie" } };
  const first = gzipped(page, "gzip");
  expect(first.headers["vary"]).toBe("cookie, accept-encoding");
  expect(gzipped(page, "gzip").body).toBe(first.body);
});
