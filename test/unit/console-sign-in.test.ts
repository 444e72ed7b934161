import { expect, test } from "vitest";
import { safeNext } from "../../device-db/console-sign-in.ts";

test.for([
  ["/", "/"],
  ["/deliveries?state=held", "/deliveries?state=held"],
  ["/flow/a-b_c", "/flow/a-b_c"],
  ["deliveries", "/deliveries"],
  ["/devices#x", "/devices"],
  ["http:evil.example", "/evil.example"],
])("after the sign-in %s leads to %s", ([next, to]) => {
  expect(safeNext(next ?? null)).toBe(to);
});

test.for([
  null,
  "",
  "https://evil.example/",
  "//evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  "/.//evil.example",
  "/..//evil.example",
  "/%2e//evil.example",
  "javascript:alert(1)",
  "data:text/html,x",
  "http://",
  "/sign-out",
  "/sign-in?next=/sign-in",
])("nobody is led away by %j", (next) => {
  expect(safeNext(next)).toBe("/");
});

test("a line break does not get into a header", () => {
  expect(safeNext("/devices\r\nset-cookie: a=b")).not.toMatch(/[\r\n]/);
});
