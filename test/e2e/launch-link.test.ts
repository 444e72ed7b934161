import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { makeLink } from "../../bot/link.ts";
import { SERIAL } from "../support/devices.ts";
import { type Kit } from "../support/kit.ts";
import { KITS } from "../support/kits.ts";

/** Status, headers and bytes of a page, all but the time of day. */
async function fetchPage(url: string, init: RequestInit = {}) {
  const answer = await fetch(url, { redirect: "manual", ...init });
  const headers = [...answer.headers].filter(([name]) => name !== "date");
  return { status: answer.status, headers, bytes: Buffer.from(await answer.arrayBuffer()).toString("latin1") };
}

// Links are the bot's alone: one kit of each kind has both ways to run.
describe.each([KITS[0], KITS[1]])("a launch link in $name", ({ open }) => {
  let kit: Kit;
  let good = "";
  beforeAll(async () => {
    kit = await open();
    good = new URL(kit.launchUrl).pathname.slice("/r/".length);
    return () => kit[Symbol.asyncDispose]();
  });

  const pageOf = (link: string, init?: RequestInit) => fetchPage(`${kit.urls.bot}/r/${link}`, init);
  const form = (choice: string): RequestInit => ({ method: "POST", body: new URLSearchParams({ choice }) });

  test("names its device and key version, and shows that room's question", async () => {
    expect(good).toMatch(/^HKAP0100000001-1-[\w-]{22}$/);
    expect(makeLink(kit.secrets.qrKey, { serial: SERIAL, keyVersion: 1 })).toBe(good);
    const { status, bytes } = await pageOf(good);
    expect(status).toBe(200);
    expect(bytes).toContain("<h1>Room 101</h1>");
  });

  test("with any one character changed shows the same page as every other bad link", async () => {
    const bad = await pageOf("nonsense");
    expect(bad.status).toBe(404);
    expect(bad.bytes).toContain("<h1>This card is not valid</h1>");
    for (let at = 0; at < good.length; at++) {
      for (const other of ["A", "b", "0", "_", "-"].filter((character) => character !== good[at])) {
        const link = good.slice(0, at) + other + good.slice(at + 1);
        expect([link, await pageOf(link)]).toEqual([link, bad]);
      }
    }
  });

  test("that is too long, not ASCII, of another key, version or device shows that page too", async () => {
    const bad = await pageOf("nonsense");
    const { qrKey } = kit.secrets;
    const links = {
      "another version's": makeLink(qrKey, { serial: SERIAL, keyVersion: 2 }),
      "a version of no key": good.replace("-1-", "-0-"),
      "the version written otherwise": good.replace("-1-", "-01-"),
      "an unknown device's": makeLink(qrKey, { serial: "HKAP0100000002", keyVersion: 1 }),
      "an unknown device's of another key": makeLink("another key", { serial: "HKAP0100000002", keyVersion: 1 }),
      "another key's": makeLink("another key", { serial: SERIAL, keyVersion: 1 }),
      "one without a MAC": `${SERIAL}-1-`,
      "one that is cut": good.slice(0, -1),
      "one that goes on": `${good}A`,
      "65 characters": "A".repeat(65),
      "65 characters, the good link first": good.padEnd(65, "A"),
      "2,000 characters": "A".repeat(2_000),
      "not ASCII": encodeURIComponent("木".repeat(8)),
      "not ASCII where the good link is": `${encodeURIComponent("Ｈ")}${good.slice(1)}`,
      "one with a space": `${good}%20`,
      "one with a line's end": `${good}%0A`,
      "one with a zero byte": `${good}%00`,
      "one that cannot be decoded": `${good}%zz`,
      nothing: "",
    };
    for (const [what, link] of Object.entries(links)) expect([what, await pageOf(link)]).toEqual([what, bad]);
    for (let tries = 0; tries < 20; tries++) {
      const guess = `${SERIAL}-1-${randomBytes(17).toString("base64url").slice(0, 22)}`;
      expect([guess, await pageOf(guess)]).toEqual([guess, bad]);
    }
  });

  test("that is bad takes no answer and gives no token, and programs get the same problem for all", async () => {
    const bad = await pageOf("nonsense");
    const changed = `${good.slice(0, -1)}${good.endsWith("A") ? "B" : "A"}`;
    expect(await pageOf(`${changed}/answer`, form("wood"))).toEqual(bad);
    for (const [address, method] of [
      ["token", "POST"],
      ["session", "GET"],
    ] as const) {
      const first = await pageOf(`nonsense/${address}`, { method });
      expect(first.status).toBe(404);
      expect(JSON.parse(first.bytes)).toMatchObject({ status: 404, detail: "This launch link is not valid." });
      expect(await pageOf(`${changed}/${address}`, { method })).toEqual(first);
    }
  });
});
