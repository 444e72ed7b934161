import { expect, test } from "vitest";
import { createGuestCookies } from "../../bot/guest-cookie.ts";
import type { HttpRequest } from "../../plumbing/http-request.ts";

const from = (host: string) => ({ header: (name: string) => (name === "host" ? host : undefined) }) as HttpRequest;

test.for<[publicUrl: string | undefined, host: string, isSecure: boolean]>([
  [undefined, "127.0.0.1:3978", true],
  [undefined, "localhost:3978", true],
  [undefined, "192.168.1.7:3978", false],
  [undefined, "hotel.local", false],
  ["https://rooms.example", "rooms.example", true],
  ["http://rooms.example", "rooms.example", false],
])("with the public address %s, a browser at %s may keep a secure cookie: %s", ([publicUrl, host, isSecure]) => {
  const { "set-cookie": cookie = "" } = createGuestCookies("key", publicUrl).header(from(host), "link", "session");
  expect([cookie.startsWith("__Host-aromapod-"), cookie.endsWith("; Secure")]).toEqual([isSecure, isSecure]);
  expect(cookie).toMatch(/^(__Host-)?aromapod-[\da-f]{12}=session\./);
});
