import mqtt from "mqtt";
import { type Command, podTopic, type Reply } from "../../device-sim/contract.ts";
import { passwordOf, SERIAL } from "./devices.ts";
import { tellBroker } from "./kit-broker.ts";

type Says = "up/status" | "up/state" | "up/reply" | "up/event";

export type RealPod = Awaited<ReturnType<typeof openRealPod>>;

/** A pod that is no simulation: a connection that says and does what its test tells it to. */
export async function openRealPod(url: string, serial = SERIAL, password = passwordOf(serial)) {
  await tellBroker(url, serial, password);
  const client = await mqtt.connectAsync(url, {
    clientId: serial,
    username: serial,
    password,
    protocolVersion: 4,
    reconnectPeriod: 0,
    will: {
      topic: podTopic(serial, "up/status"),
      payload: Buffer.from(JSON.stringify({ state: "lost", firmware: "2.4.1", at: new Date().toISOString() })),
      qos: 1,
      retain: true,
    },
  });
  const commands: Command[] = [];
  const acks: string[] = [];
  client.on("message", (topic, payload) => {
    const message = JSON.parse(payload.toString()) as Command & { eventId: string };
    if (topic === podTopic(serial, "down/command")) commands.push(message);
    else acks.push(message.eventId);
  });
  await client.subscribeAsync([podTopic(serial, "down/command"), podTopic(serial, "down/event-ack")], { qos: 1 });
  const say = (name: Says, payload: unknown) =>
    client.publishAsync(podTopic(serial, name), typeof payload === "string" ? payload : JSON.stringify(payload), {
      qos: 1,
      retain: name === "up/status" || name === "up/state",
    });

  return {
    /** The commands it got, repeats included. */
    commands,
    acks,
    connected: () => client.connected,
    say,
    online: () => say("up/status", { state: "online", firmware: "2.4.1", at: new Date().toISOString() }),
    reply: (commandId: string, outcome: Reply["outcome"], reason?: string) =>
      say("up/reply", { commandId, outcome, ...(reason ? { reason } : {}), at: new Date().toISOString() }),
    /** Ends the connection, with the goodbye that lets no last will speak, or without. */
    leave: (abruptly = false) => (abruptly ? void client.stream.destroy() : client.endAsync()),
    [Symbol.asyncDispose]: () => client.endAsync(true),
  };
}
