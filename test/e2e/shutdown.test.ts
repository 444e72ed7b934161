import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { beginChat } from "../support/chat-guest.ts";
import { openStream } from "../support/chat-stream.ts";
import { openHome } from "../support/home.ts";
import { openKit } from "../support/kit.ts";

const IN_GOOD_TIME_MS = 3_000;

test("an open stream that nobody closes does not hold up the end of the kit", async () => {
  const kit = await openKit("safe");
  await using stream = openStream((await beginChat(kit.launchUrl)).streamUrl);
  await stream.hears([expect.stringMatching(/^bot: Which scent/) as string]);
  const startedAt = performance.now();
  await kit[Symbol.asyncDispose]();
  expect(performance.now() - startedAt).toBeLessThan(IN_GOOD_TIME_MS);
  expect(await stream.ended).toBe(1001);
});

test("a part that was started with a channel ends when its starter is gone", async () => {
  await using home = await openHome();
  const command = join(import.meta.dirname, "../../scripts/aromapod.ts");
  const part = fork(command, ["serve", "erp", "--json"], {
    cwd: home.path,
    env: { ...process.env, ...home.env },
    stdio: ["ignore", "pipe", "ignore", "ipc"],
  });
  onTestFinished(() => void part.kill("SIGKILL"));
  const ended = once(part, "exit");
  if (part.stdout) await once(part.stdout, "data");
  part.disconnect();
  expect(await ended).toEqual([0, null]);
});
