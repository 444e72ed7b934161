import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { beginChat } from "../support/chat-guest.ts";
import { commandsIn, placeholdersIn } from "../support/document-commands.ts";
import { eventually } from "../support/eventually.ts";
import { openFreshCopy } from "../support/fresh-copy.ts";
import type { RunningProcess } from "../support/process.ts";

const GUIDE = join(import.meta.dirname, "../../docs/guides/your-device.md");
const DEADLINE_MS = 60_000;

test("who types what the guide says has a device, and its check-in is delivered", { timeout: 120_000 }, async () => {
  await using copy = await openFreshCopy();
  const told: Record<string, string> = {};
  const variables: string[] = [];
  let ears: RunningProcess | undefined;

  /** What the reader puts in: the password that was printed, and the ids that the ears have heard. */
  const filled = (line: string): string =>
    placeholdersIn(line).reduce((text, one) => text.replaceAll(one, told[one] ?? `nobody told ${one}`), line);

  /** In the terminal the variables of before are still there. */
  const inTerminal = (line: string): string => [...variables, filled(line)].join("; ");

  async function type(line: string): Promise<string> {
    if (/^[A-Z_]+=/.test(line)) variables.push(filled(line));
    else if (line.startsWith("mosquitto_sub")) ears = copy.start(inTerminal(line));
    else return copy.run(inTerminal(line).replace(/^.*; (?=npm )/, ""), DEADLINE_MS);
    return "";
  }

  async function tapWood(): Promise<void> {
    const { url } = JSON.parse(await copy.run("npm run -s aromapod -- qr dev-0001 --json", DEADLINE_MS)) as {
      url: string;
    };
    await (await beginChat(url)).say("wood");
    const [, id = "", sessionId = ""] = (await ears?.shows(/"id":"([^"]+)","sessionId":"([^"]+)"/)) ?? [];
    Object.assign(told, { "<command id>": id, "<session id>": sessionId });
  }

  const printed: string[] = [];
  for (const { line } of commandsIn(readFileSync(GUIDE, "utf8"))) {
    if (line.includes("up/event")) expect(ears?.output.stdout).not.toContain("event-ack");
    const output = await type(line);
    printed.push(output);
    const [, password] = /MQTT password +(\S+)/.exec(output) ?? [];
    if (password !== undefined) told["<password>"] = password;
    if (line.endsWith("aromapod -- qr dev-0001")) await tapWood();
    if (line.includes("up/event")) await ears?.shows(/event-ack \{"eventId":"event-1"\}/);
  }
  expect(printed.join("\n")).toMatch(/^dev-0001 +Room 102 +online/m);
  await eventually(async () =>
    expect(await copy.run("npm run -s aromapod -- deliveries ls", DEADLINE_MS)).toMatch(
      /^event-1 +delivered +dev-0001/m,
    ),
  );
});
