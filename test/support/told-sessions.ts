import { randomUUIDv7 } from "node:crypto";
import type { FlowHop } from "../../device-db/contract.ts";
import { type SessionNotice, sessionTopic } from "../../device-db/contract.ts";
import { type Command, podTopic, type Reply } from "../../device-sim/contract.ts";
import { traceparentOf } from "../../plumbing/trace.ts";
import { connectUser } from "./brokers.ts";
import { connectPod, newEvent, type openDeviceDb } from "./device-db-system.ts";
import { SERIAL } from "./devices.ts";

type DeviceDb = Awaited<ReturnType<typeof openDeviceDb>>;

/** A bot and a pod of the tests' own making, which say at the broker what the real ones would of a session. */
export async function openTellers(deviceDb: DeviceDb) {
  await using opening = new AsyncDisposableStack();
  const bot = opening.use(await connectUser(deviceDb.mqttUrl, "bot"));
  const pod = opening.use(await connectPod(deviceDb.mqttUrl));
  const owned = opening.move();
  const now = () => new Date().toISOString();

  const say = (topic: string, payload: unknown) => bot.client.publishAsync(topic, JSON.stringify(payload), { qos: 1 });

  const told = (notice: Omit<SessionNotice, "at">, serial = SERIAL) =>
    say(sessionTopic(serial), { at: now(), traceparent: traceparentOf(notice.sessionId), ...notice });

  const command = (fields: Partial<Command> & { id: string }, serial = SERIAL) =>
    say(podTopic(serial, "down/command"), { action: "checkin", scent: "wood", issuedAt: now(), ttlS: 120, ...fields });

  const reply = (commandId: string, outcome: Reply["outcome"], reason?: string) =>
    pod.client.publishAsync(
      podTopic(SERIAL, "up/reply"),
      JSON.stringify({ commandId, outcome, ...(reason ? { reason } : {}), at: now() }),
      { qos: 1 },
    );

  /** A session from the first page to the confirmation; its event goes to the ERP. */
  async function takeSession(sessionId: string = randomUUIDv7()): Promise<string> {
    const commandId = `command-of-${sessionId.slice(-12)}`;
    await told({ sessionId, step: "started" });
    await told({ sessionId, step: "asked" });
    const ended = told({ sessionId, step: "ended", answer: "b", scent: "wood", commandId });
    await command({ id: commandId, sessionId, traceparent: traceparentOf(sessionId) });
    await ended;
    await pod.report(newEvent({ sessionId, commandId, at: now() }));
    await reply(commandId, "accepted");
    await told({ sessionId, step: "confirmed", commandId });
    return sessionId;
  }

  return { bot, pod, told, command, reply, takeSession, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

export function hopsIn(events: readonly { data: unknown }[]): FlowHop[] {
  return events.map(({ data }) => data as FlowHop);
}

export function stepsOf(hops: readonly Pick<FlowHop, "part" | "name">[]): string[] {
  return hops.map(({ part, name }) => `${part}: ${name}`);
}

/** The steps of a session in which all goes well, but for the pod's word to the bot, which travels beside its event. */
export const STEPS_OF_A_SESSION = [
  "phone: chat opened",
  "bot: asked",
  "phone: answered",
  "bot: session ended",
  "broker: command handed on",
  "pod: event reported",
  "device database: event recorded",
  "ERP: called",
  "ERP: answered",
  "device database: delivered",
];
