import { setTimeout as delay } from "node:timers/promises";
import type { IClientOptions } from "mqtt";
import { beforeAll, describe, expect, test } from "vitest";
import { accessOf, type Identity } from "../../device-db/access.ts";
import { connectUser } from "../support/brokers.ts";
import { OTHER_SERIAL, passwordOf, SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { openMosquitto } from "../support/mosquitto.ts";

const USERS = ["bot", "device-db", SERIAL, OTHER_SERIAL];
const NAMES = ["up/event", "up/reply", "up/state", "up/status", "down/command", "down/event-ack", "device", "session"];
const OTHER_TOPICS = ["elsewhere", "aromapod/v1/device", `aromapod/v1/${SERIAL}`, `aromapod/v2/${SERIAL}/up/event`];
const TOPICS = [
  ...[SERIAL, OTHER_SERIAL].flatMap((serial) => NAMES.map((name) => `aromapod/v1/${serial}/${name}`)),
  ...OTHER_TOPICS,
];
/** Longer than a message takes, on a busy machine too. */
const QUIET_MS = 1_000;

type Mosquitto = Awaited<ReturnType<typeof openMosquitto>>;

let broker: Mosquitto;
beforeAll(async () => {
  broker = await openMosquitto(Object.fromEntries(USERS.map((user) => [user, passwordOf(user)])));
  return () => broker[Symbol.asyncDispose]();
});

const at = (name: string, serial = SERIAL) => `aromapod/v1/${serial}/${name}`;

/** What each of the users hears of everything that each of them says: `speaker topic → listener`. */
async function everythingHeard(): Promise<string[]> {
  await using opening = new AsyncDisposableStack();
  const all = await Promise.all(
    USERS.map(async (user) => ({ user, ...opening.use(await connectUser(broker.url, user)) })),
  );
  for (const { client } of all) await client.subscribeAsync(["#", "+/+/+/+/+", ...TOPICS], { qos: 1 });
  for (const { user, client } of all) for (const topic of TOPICS) await client.publishAsync(topic, user, { qos: 1 });
  await delay(QUIET_MS);
  const heard = all.flatMap(({ user, messages }) =>
    messages.map(({ topic, payload }) => `${payload} ${topic} → ${user}`),
  );
  return [...new Set(heard)].sort();
}

function identityOf(user: string): Identity {
  return user === "bot" || user === "device-db" ? { role: user } : { role: "pod", serial: user };
}

/** What the embedded broker would let through; another one cannot tell what is to be retained from what is not. */
function everythingAllowed(): string[] {
  const users = USERS.map((user) => ({ user, access: accessOf(identityOf(user)) }));
  return users
    .flatMap(({ user: speaker, access: says }) =>
      TOPICS.filter((topic) => says.mayPublish(topic, true) || says.mayPublish(topic, false)).flatMap((topic) =>
        users
          .filter(({ access: hears }) => hears.maySubscribe(topic))
          .map(({ user: listener }) => `${speaker} ${topic} → ${listener}`),
      ),
    )
    .sort();
}

describe("the shipped rules", () => {
  let heard: string[];
  beforeAll(async () => {
    heard = await everythingHeard();
  });

  test("let through what the embedded broker does, and nothing else", () => {
    expect(heard).toEqual(everythingAllowed());
  });

  test("let the parts do what they have to", () => {
    expect(heard).toEqual(
      expect.arrayContaining([
        `bot ${at("down/command")} → ${SERIAL}`,
        `bot ${at("down/command")} → device-db`,
        `device-db ${at("down/command")} → ${SERIAL}`,
        `device-db ${at("down/event-ack")} → ${SERIAL}`,
        `device-db ${at("device")} → bot`,
        `bot ${at("session")} → device-db`,
        `${SERIAL} ${at("up/event")} → device-db`,
        ...["up/reply", "up/state", "up/status"].flatMap((name) =>
          ["bot", "device-db"].map((service) => `${SERIAL} ${at(name)} → ${service}`),
        ),
      ]),
    );
  });

  test("keep a pod to its own topics: it neither writes another's nor hears them", () => {
    expect(heard.filter((line) => line.startsWith(`${SERIAL} `) && !line.includes(at("up/")))).toEqual([]);
    expect(heard.filter((line) => line.endsWith(`→ ${SERIAL}`) && !line.includes(at("down/")))).toEqual([]);
  });
});

describe("the shipped settings", () => {
  test.for<[who: string, user: string, options: IClientOptions]>([
    ["nobody in particular", "", { clientId: SERIAL, username: "", password: "" }],
    ["a pod with a wrong password", SERIAL, { password: "guess" }],
    ["a pod with another's password", SERIAL, { password: passwordOf(OTHER_SERIAL) }],
    ["a user that nobody added", "somebody", {}],
  ])("do not let in %s", async ([, user, options]) => {
    await expect(connectUser(broker.url, user, options)).rejects.toThrow(/Connection refused: Not authorized/);
  });

  test("let nobody take the place of another by a client id", async () => {
    await using bot = await connectUser(broker.url, "bot");
    await using _pod = await connectUser(broker.url, SERIAL, { clientId: "bot" });
    await delay(QUIET_MS);
    expect(bot.client.connected).toBe(true);
  });

  test("end the connection of whoever sends a packet of more than 64 KiB, and no other", async () => {
    await using listener = await connectUser(broker.url, "device-db");
    await listener.client.subscribeAsync(at("up/event", "+"), { qos: 1 });
    await using pod = await connectUser(broker.url, SERIAL);
    await pod.client.publishAsync(at("up/event"), "x".repeat(60_000), { qos: 1 });
    pod.client.publish(at("up/event"), "x".repeat(70_000), { qos: 1 });
    await eventually(() => expect(pod.client.connected).toBe(false));
    expect([listener.client.connected, listener.messages.length]).toEqual([true, 1]);
  });
});
