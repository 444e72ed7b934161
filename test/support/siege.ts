import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import { PART_NAMES, type PartName } from "../../scripts/parts.ts";
import { beginChat } from "./chat-guest.ts";
import { SERIAL } from "./devices.ts";
import { listUsages } from "./erp-calls.ts";
import { eventually } from "./eventually.ts";
import { flowProblems } from "./flow-oracle.ts";
import { openHome } from "./home.ts";
import { askOperator, erpOf, type Kit, listDeliveries, sessionAtBot } from "./kit.ts";
import { connectBytes, openRawClient } from "./raw-mqtt.ts";

/** A registered pod that means harm. */
export const VILLAIN = "villain-1";

/** Guests come so often, which is below what one pod's link takes in a minute. */
const BETWEEN_GUESTS_MS = 220;
const SCENT = "wood";
const COLLECT = { NODE_OPTIONS: `--expose-gc --import=${new URL("collect-garbage.ts", import.meta.url).href}` };

export type Siege = Awaited<ReturnType<typeof openSiege>>;

/** A kit of processes in which guests go on answering, while somebody is at the broker's throat. */
export async function openSiege() {
  await using opening = new AsyncDisposableStack();
  const home = opening.use(await openHome());
  const urls = {} as Record<PartName, string>;
  const parts = PART_NAMES.map((part) => ({ part, running: home.start(["serve", part, "--json"], COLLECT) }));
  for (const { part, running } of parts)
    urls[part] = (JSON.parse((await running.shows(/^.*\n/))[0]) as { url: string }).url;
  const { bot, erp, "device-db": deviceDb, "device-sim": deviceSim } = urls;
  const secrets = await home.secrets();
  const kit = { urls: { bot, erp, deviceDb, deviceSim }, secrets };
  const launchUrl = await eventually(() => launchUrlOf(kit));
  const password = await registerVillain(kit);
  const guests = startGuests(kit, launchUrl);
  opening.defer(() => guests.end());
  const port = Number(home.env["MQTT_PORT"]);
  const deviceDbProcess = parts.find(({ part }) => part === "device-db")?.running;
  const owned = opening.move();

  return {
    port,
    secrets,
    password,
    guests,

    /** Figures of the device database's process. */
    figures: () => figuresOf(deviceDb),

    /** The same, once what nobody keeps is gone. */
    async keptFigures() {
      deviceDbProcess?.send("SIGUSR2");
      await delay(100);
      return figuresOf(deviceDb);
    },

    /** A connection that has introduced itself as the villain, under a client id of its own or a foreign one. */
    async villain(clientId = VILLAIN) {
      const raw = await openRawClient(port);
      raw.send(connectBytes({ clientId, username: VILLAIN, password }));
      return raw;
    },

    /** What is wrong with what became of the guests' answers. */
    async problems(): Promise<string[]> {
      const [deliveries, usages] = [await listDeliveries(kit), await listUsages(erpOf(kit))];
      return flowProblems({ sessions: guests.answered, deliveries, usages });
    },

    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type Running = Pick<Kit, "urls" | "secrets">;

async function launchUrlOf({ urls, secrets }: Running): Promise<string> {
  const launch = await askOperator(`${urls.bot}/api/launch/${SERIAL}`, secrets);
  expect(launch.status).toBe(200);
  return ((await launch.json()) as { url: string }).url;
}

async function registerVillain({ urls, secrets }: Running): Promise<string> {
  const answer = await fetch(`${urls.deviceDb}/api/devices`, {
    method: "POST",
    headers: { authorization: `Bearer ${secrets.operatorKey}` },
    body: JSON.stringify({ serial: VILLAIN, room: "Cellar", timeZone: "Etc/UTC" }),
  });
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { password: string }).password;
}

/** Guests one after the other; each waits from the answer to the pod's confirmation. */
function startGuests(kit: Running, launchUrl: string) {
  const answered: { sessionId: string; scent: string }[] = [];
  const waits: number[] = [];
  let isEnding = false;

  async function answer(): Promise<void> {
    const guest = await beginChat(launchUrl);
    const startedAt = performance.now();
    expect((await guest.say(SCENT)).status).toBe(200);
    answered.push({ sessionId: guest.id, scent: SCENT });
    await eventually(async () => {
      expect(await sessionAtBot(kit, guest.id)).toMatchObject({ command: { state: "accepted" } });
    });
    waits.push(performance.now() - startedAt);
  }

  async function goOn(): Promise<void> {
    while (!isEnding) {
      await answer();
      await delay(BETWEEN_GUESTS_MS);
    }
  }
  const ended = goOn();

  return {
    answered,

    /** How long guests waited who were there while `attack` went on, and the first one after it. */
    async during(attack: () => Promise<void>): Promise<number[]> {
      const before = waits.length;
      await attack();
      const atTheEnd = waits.length;
      await eventually(() => expect(waits.length).toBeGreaterThanOrEqual(atTheEnd + 2));
      return waits.slice(before);
    },

    async end(): Promise<void> {
      isEnding = true;
      await ended;
    },
  };
}

async function figuresOf(deviceDb: string) {
  const text = await (await fetch(`${deviceDb}/metrics`)).text();
  const figure = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
  return {
    rssMb: figure("process_resident_memory_bytes") / 2 ** 20,
    heldMb: (figure("nodejs_heap_size_used_bytes") + figure("nodejs_external_memory_bytes")) / 2 ** 20,
    files: figure("process_open_fds"),
    connections: figure("device_db_broker_connections"),
  };
}
