import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { PocLine } from "../../scripts/poc-output.ts";
import { createHttpGuest } from "../../scripts/scenarios/http-guest.ts";
import { eventually } from "../support/eventually.ts";
import { type Home, openHome } from "../support/home.ts";
import { deliveredSession } from "../support/kit.ts";

const EMULATORS = join(import.meta.dirname, "../support/emulator.transcript");

let home: Home;
beforeAll(async () => {
  home = await openHome();
  return () => home[Symbol.asyncDispose]();
});

/** Plays a file of the home's folder on a kit of its own. */
async function played(file: string) {
  const { code, stdout, stderr } = await home.run(["poc", file, "--json"]);
  expect(stderr).toBe("");
  return { code, line: JSON.parse(stdout) as PocLine };
}

async function edited(file: string, from: string, to: string): Promise<string> {
  const text = await readFile(join(home.path, file), "utf8");
  expect(text).toContain(from);
  await writeFile(join(home.path, `edited-${file}`), text.replace(from, to));
  return `edited-${file}`;
}

describe("a transcript as the Emulator saves it", () => {
  test("is played as a scenario: the bot says the same again, and the ERP gets one usage", async () => {
    await writeFile(join(home.path, "chat.transcript"), await readFile(EMULATORS));
    const { code, line } = await played("chat.transcript");
    const { ok, error, answer, scent, usage } = line;
    expect({ code, ok, error, answer, scent }).toEqual({
      code: 0,
      ok: true,
      error: undefined,
      answer: "wood",
      scent: "wood",
    });
    expect(usage).toMatchObject({ scent: "wood", status: "checkin" });
  });

  test("fails where the bot says something else", async () => {
    const { code, line } = await played(await edited("chat.transcript", "Thank you. ", "Thanks. "));
    expect({ code, ok: line.ok, error: line.error }).toEqual({
      code: 1,
      ok: false,
      error: "The bot says something else.",
    });
    expect(line.steps.findLast(({ ok }) => !ok)?.differences).toEqual([
      {
        what: "text",
        expected: "Thanks. I am asking your AromaPod for wood.",
        seen: "Thank you. I am asking your AromaPod for wood.",
      },
    ]);
  });

  test("is refused in one sentence when it is none", async () => {
    await writeFile(join(home.path, "broken.transcript"), "hello");
    const { code, stderr } = await home.run(["poc", "broken.transcript"]);
    expect({ code, stderr }).toEqual({ code: 3, stderr: 'Cannot play "broken.transcript". It is no JSON.\n' });
  });
});

test("a session that happened becomes a scenario that holds, and notices what has changed", async () => {
  const running = await home.startKit();
  const { launchUrl, bot, deviceDb, deviceSim, erp } = running.ready;
  const guest = createHttpGuest(launchUrl, () => undefined);
  const id = await guest.scan();
  expect([await guest.say("banana"), ...(await guest.tap(["water"]))]).toEqual([undefined, undefined]);
  const kit = {
    launchUrl,
    urls: { bot, deviceDb, deviceSim, erp },
    secrets: await home.secrets(),
    [Symbol.asyncDispose]: async () => undefined,
  };
  await deliveredSession(kit, id);
  await eventually(async () => expect((await guest.view()).command?.state).toBe("accepted"));

  const { code, stdout } = await home.run(["record", id, "--out", "session.yaml"]);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `session.yaml holds session ${id} as a scenario. Play it: npm run poc -- session.yaml\n`,
  });
  const text = await readFile(join(home.path, "session.yaml"), "utf8");
  expect(text).toContain("- GET /device/switch?serial={serial}&submit=&status=checkin&scent=water\n");
  expect(text).not.toContain("HKAP0100000001&");
  expect(await played("session.yaml")).toMatchObject({ code: 0, line: { ok: true, scent: "water" } });
  const changed = await played(await edited("session.yaml", "tap: water", "tap: fire"));
  expect(changed).toMatchObject({ code: 1, line: { ok: false, error: "The bot says something else." } });
  await running.stop("SIGTERM");
});

test("what cannot be recorded is told in one sentence", async () => {
  await using empty = await openHome();
  const before = await empty.run(["record", "x"]);
  expect([before.code, before.stdout]).toEqual([3, ""]);
  expect(before.stderr).toMatch(/^[^\n]+\n$/);
  expect(await home.run(["record", "x", "--out", "x.txt"])).toMatchObject({ code: 2, stdout: "" });
});
