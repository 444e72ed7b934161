import { expect, test } from "vitest";
import { createAllowList, looksLikeBrowser } from "../../erp-stub/caller.ts";

const ALLOWED = ["127.0.0.1", "10.1.2.0/24", "2001:db8::/32", "::1"];

test.each(["127.0.0.1", "::ffff:127.0.0.1", "::ffff:7f00:1", "10.1.2.255", "::ffff:10.1.2.3", "2001:db8:9::1", "::1"])(
  "%s is on the list",
  (address) => {
    expect(createAllowList(ALLOWED)(address)).toBe(true);
  },
);

test.each(["127.0.0.2", "::ffff:127.0.0.2", "10.1.3.0", "2001:db9::1", "::2", "", "localhost", "127.1", "0127.0.0.1"])(
  "«%s» is not on the list",
  (address) => {
    expect(createAllowList(ALLOWED)(address)).toBe(false);
  },
);

test("an entry in the mapped form means the IPv4 address", () => {
  expect(createAllowList(["::ffff:10.9.9.9"])("10.9.9.9")).toBe(true);
});

test("networks of every size work", () => {
  expect(createAllowList(["0.0.0.0/0"])("203.0.113.9")).toBe(true);
  expect(createAllowList(["10.0.0.1/32"])("10.0.0.2")).toBe(false);
});

test.each<[Record<string, string>, boolean]>([
  [{}, false],
  [{ accept: "*/*", "sec-fetch-mode": "cors", "user-agent": "node" }, false],
  [{ accept: "application/json" }, false],
  [{ purpose: "booking" }, false],
  [{ origin: "" }, true],
  [{ "sec-fetch-site": "same-origin" }, true],
  [{ "sec-purpose": "prefetch" }, true],
  [{ purpose: "PREFETCH" }, true],
  [{ accept: "application/json, Text/HTML;q=0.1" }, true],
  [{ accept: "image/webp" }, true],
])("headers %j look like a browser's: %s", (headers, expected) => {
  expect(looksLikeBrowser((name) => headers[name])).toBe(expected);
});
