import fc from "fast-check";
import { expect, test } from "vitest";
import { createLinks } from "../../bot/launch.ts";
import { makeLink, readLink } from "../../bot/link.ts";
import type { Device } from "../../device-db/contract.ts";

const KEY = "a key of the test, long enough to be one";
const serials = fc.stringMatching(/^[A-Za-z0-9-]{1,32}$/);
const versions = fc.integer({ min: 1, max: 9_999 });

test("a link tells its device and key version, and fits into a messenger's deep link", () => {
  fc.assert(
    fc.property(serials, versions, (serial, keyVersion) => {
      const link = makeLink(KEY, { serial, keyVersion });
      expect(link).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
      expect(readLink(KEY, link)).toEqual({ serial, keyVersion });
    }),
  );
});

test("a link with any one character changed is not genuine", () => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  const link = makeLink(KEY, { serial: "HKAP0100000001", keyVersion: 1 });
  for (let at = 0; at < link.length; at++) {
    for (const character of alphabet) {
      const changed = link.slice(0, at) + character + link.slice(at + 1);
      if (changed !== link) expect(readLink(KEY, changed), changed).toBeUndefined();
    }
  }
});

test("a link made with another key, or for another version, is not genuine", () => {
  const link = makeLink(KEY, { serial: "dev-0001", keyVersion: 1 });
  expect(readLink("another key", link)).toBeUndefined();
  expect(readLink(KEY, link.replace("-1-", "-01-"))).toBeUndefined();
  expect(readLink(KEY, makeLink(KEY, { serial: "dev-0001", keyVersion: 2 }))).toEqual({
    serial: "dev-0001",
    keyVersion: 2,
  });
});

test("whatever else comes as a link is refused without an exception", () => {
  fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => readLink(KEY, text) === undefined));
});

test("the MAC has 128 bits or more", () => {
  const mac = makeLink(KEY, { serial: "x", keyVersion: 1 }).split("-").slice(2).join("-");
  expect(mac.length * 6).toBeGreaterThanOrEqual(128);
});

const DEVICE: Device = { serial: "dev-0001", room: "Room 1", timeZone: "Etc/UTC", keyVersion: 2, enabled: true };

test.for<[what: string, registered: Device[], resolved: Device | string]>([
  ["the version that the registry has", [DEVICE], DEVICE],
  ["an older version", [{ ...DEVICE, keyVersion: 3 }], "bad"],
  ["a device that is switched off", [{ ...DEVICE, enabled: false }], "bad"],
  ["a device that is not registered", [{ ...DEVICE, serial: "dev-0002" }], "bad"],
  ["a registry that has not arrived", [], "unknown yet"],
])("a genuine link, for %s", ([, registered, resolved]) => {
  const { resolve } = createLinks(KEY, {
    device: (serial) => registered.find((device) => device.serial === serial),
    knowsDevices: () => registered.length > 0,
  });
  expect(resolve(makeLink(KEY, DEVICE))).toEqual(resolved);
});
