import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { decodeQrPng } from "../../scripts/scenarios/qr-link.ts";
import { createChatGuest } from "../support/chat-guest.ts";
import { SERIAL } from "../support/devices.ts";
import { openHome } from "../support/home.ts";

const statusOf = async (url: string) => (await fetch(url)).status;

test("a rotated link is the only good one from then on, over a restart too", async () => {
  await using home = await openHome();
  const first = await home.startKit();
  const old = first.ready.launchUrl;
  const other = "HKAP0100000002";
  await home.run(["devices", "add", other, "--room", "Room 102"]);
  const linkOf = async (serial: string, ...more: string[]) =>
    (JSON.parse((await home.run(["qr", serial, "--json", ...more])).stdout) as { url: string }).url;
  const others = await linkOf(other);
  const chatting = await createChatGuest(old);
  await chatting.start();
  const { token } = (await (await fetch(`${old}/token`, { method: "POST" })).json()) as { token: string };

  for (const more of [
    ["--out", "missing/card.png"],
    ["--out", "card.html", "--languages", "tlh"],
  ]) {
    expect(await home.run(["qr", SERIAL, "--rotate", ...more])).toMatchObject({ stdout: "" });
    expect([more, await statusOf(old)]).toEqual([more, 200]);
  }

  const rotated = await linkOf(SERIAL, "--rotate", "--out", "card.png");
  expect(rotated).not.toBe(old);
  expect(await decodeQrPng(await readFile(join(home.path, "card.png")))).toBe(rotated);
  // At once: when the command has ended, the bot knows.
  expect(await Promise.all([old, rotated, others].map(statusOf))).toEqual([404, 200, 200]);
  expect(await (await fetch(old)).text()).toContain("<h1>This card is not valid</h1>");
  expect((await fetch(`${old}/token`, { method: "POST" })).status).toBe(404);
  const conversations = `${new URL(old).origin}/v3/directline/conversations`;
  const start = await fetch(conversations, { method: "POST", headers: { authorization: `Bearer ${token}` } });
  expect(start.status).toBe(403);
  // Who is in the middle of a chat is not thrown out.
  expect(await chatting.say("b")).toMatchObject({ status: 200 });

  const again = await home.run(["qr", "--rotate"]);
  expect(again).toMatchObject({ code: 0, stderr: "" });
  const [, newest = ""] =
    /^(http\S+)\nOlder cards of HKAP0100000001 are no longer valid\.\n$/m.exec(again.stdout) ?? [];
  const links = [old, rotated, newest, others];
  expect(await Promise.all(links.map(statusOf))).toEqual([404, 404, 200, 200]);

  await first.stop("SIGTERM");
  const second = await home.startKit();
  expect(second.ready.launchUrl).toBe(newest);
  expect(await Promise.all(links.map(statusOf))).toEqual([404, 404, 200, 200]);
});
