/** The MQTT contract as an AsyncAPI 3 document, for those who build a device: what no schema can say is in its descriptions. */
import { z } from "zod";
import { EXAMPLES } from "./asyncapi-examples.ts";
import { POD_TOPICS, type PodTopic, podTopic, SERIAL } from "./contract.ts";

const BINDING_VERSION = "0.2.0";
const KEEP_ALIVE_S = 30;
const MQTT = { protocolVersion: "3.1.1", qos: 1 } as const;

const INTRODUCTION = [
  "How an AromaPod Pro talks to the AromaPod kit, and whatever stands in for one: six topics below `aromapod/v1/{serial}/`, each told from the device's side. MQTT 3.1.1, QoS 1, payloads in JSON.",
  "The broker is a pipe without memory. Its acknowledgement (PUBACK) does not mean that anybody took the message over. So a command is repeated until the device replies, an event until the device database acknowledges it, and both sides know what they have had by its id.",
  "Retain `up/state` and `up/status`, and nothing else. No message is larger than 64 KiB. The embedded broker ends the connection of a device that does not keep to this, or publishes elsewhere than below its own `up/`.",
  "More fields may come within this version: ignore what you do not know, as the kit does. A message that does not fit its schema is ignored as a whole.",
].join("\n\n");

const SERVERS = {
  embedded: {
    host: "127.0.0.1:1883",
    protocol: "mqtt",
    title: "The broker in the device database",
    description:
      "User name and client id are the serial; a client id may also be the serial, a hyphen and a suffix. Connect with `clean: true`: nothing is kept for a device that is away. Subscribe to `down/command` and `down/event-ack` before you say `online`.",
  },
  external: {
    host: "{host}",
    protocol: "mqtts",
    title: "A broker that others run",
    description:
      "The one that `MQTT_URL` names, in place of the embedded one; all else is the same. It has to be told of each device and its password.",
    variables: { host: { default: "broker.example:8883", description: "Name and port of your broker." } },
  },
};

type Operation = { action: "send" | "receive"; title: string; description: string; answeredAt?: PodTopic };

/** What a device has to do, in the order in which it begins to. */
const OPERATIONS: Record<PodTopic, Operation> = {
  "up/status": {
    action: "send",
    title: "Say that it is there",
    description:
      "Say `online` after each connection, once the subscriptions are granted. Leave a last will with `lost`, QoS 1 and retained, which the broker publishes when the connection breaks. Say `offline` before a goodbye (DISCONNECT), as no last will follows it.",
  },
  "up/state": {
    action: "send",
    title: "Report its state",
    description:
      "Publish the whole state after each connection and whenever it changes: it takes the place of the one before. Fields of your own are welcome and shown as they are.",
  },
  "down/command": {
    action: "receive",
    title: "Carry out commands",
    description:
      "Carry out each command whose id is new, in the order of arrival. Keep the id with the answer for at least a day, over a restart too: what comes again is answered and not carried out again. With a `ttlS` of 0 or less a new command is `expired`; one with an unknown action is `rejected`.",
    answeredAt: "up/reply",
  },
  "up/reply": {
    action: "send",
    title: "Reply to each command",
    description:
      "Reply to each command and to each of its repeats, or it goes on being repeated. `accepted` means that it is carried out, and that its event will survive a restart. A repeat of what was accepted is a `duplicate`, even with no time left; a repeat of what was rejected or had expired gets the same answer again.",
  },
  "up/event": {
    action: "send",
    title: "Report what it did",
    description:
      "Keep each event, over a restart too, and repeat it unchanged until its acknowledgement: after a second, then at growing distances of at most fifteen, and at once after each connection. The next event waits for the acknowledgement of the one before, so the order of arrival is the order in which things happened.",
    answeredAt: "down/event-ack",
  },
  "down/event-ack": {
    action: "receive",
    title: "Forget what was acknowledged",
    description:
      "Only now forget the event, and send the next one. Ignore an acknowledgement of any other event than the one under way: it belongs to an earlier repeat.",
  },
};

const PUBLISH = ["publish"];
const SUBSCRIBE = ["subscribe"];
const BOTH = ["publish", "subscribe"];

/** What each role may do; the user name of a device is its serial. */
const ACL: Record<PodTopic, Record<string, string[]>> = {
  "down/command": { device: SUBSCRIBE, bot: PUBLISH, "device-db": BOTH },
  "down/event-ack": { device: SUBSCRIBE, "device-db": PUBLISH },
  "up/reply": { device: PUBLISH, bot: SUBSCRIBE, "device-db": SUBSCRIBE },
  "up/event": { device: PUBLISH, "device-db": SUBSCRIBE },
  "up/state": { device: PUBLISH, bot: SUBSCRIBE, "device-db": SUBSCRIBE },
  "up/status": { device: PUBLISH, bot: SUBSCRIBE, "device-db": SUBSCRIBE },
};

/** Where the id stands that a message and its answer share. */
const CORRELATION: Partial<Record<PodTopic, string>> = {
  "down/command": "id",
  "up/reply": "commandId",
  "up/event": "id",
  "down/event-ack": "eventId",
};

const TOPICS = Object.keys(POD_TOPICS) as PodTopic[];

/** The file as it is kept. */
export function asyncApiText(): string {
  return `${JSON.stringify(asyncApiDocument(), null, 2)}\n`;
}

function asyncApiDocument() {
  return {
    asyncapi: "3.0.0",
    info: { title: "AromaPod Pro over MQTT", version: "1.0.0", description: INTRODUCTION },
    defaultContentType: "application/json",
    servers: { embedded: server("embedded"), external: server("external") },
    channels: Object.fromEntries(TOPICS.map((topic) => [keyOf(topic), channel(topic)])),
    operations: Object.fromEntries(
      (Object.keys(OPERATIONS) as PodTopic[]).map((topic) => [operationId(topic), operation(topic)]),
    ),
    components: {
      messages: Object.fromEntries(TOPICS.map((topic) => [keyOf(topic), message(topic)])),
      parameters: {
        serial: { description: `As the device is registered: \`${SERIAL}\`.`, examples: ["HKAP0100000001"] },
      },
      securitySchemes: {
        device: {
          type: "userPassword",
          description:
            "The user name is the serial; `aromapod devices add` and `aromapod devices rotate` print the password once.",
        },
      },
      serverBindings: { device: { mqtt: connection() } },
    },
  };
}

function server(name: keyof typeof SERVERS) {
  return {
    ...SERVERS[name],
    protocolVersion: MQTT.protocolVersion,
    security: [ref("components/securitySchemes/device")],
    bindings: ref("components/serverBindings/device"),
  };
}

function connection() {
  const topic = "up/status";
  const will = EXAMPLES[topic].find(({ name }) => name === "lost");
  return {
    clientId: "{serial}",
    cleanSession: true,
    keepAlive: KEEP_ALIVE_S,
    lastWill: {
      topic: podTopic("{serial}", topic),
      qos: MQTT.qos,
      retain: POD_TOPICS[topic].retained,
      message: JSON.stringify(will?.payload),
    },
    bindingVersion: BINDING_VERSION,
  };
}

function channel(topic: PodTopic) {
  return {
    address: podTopic("{serial}", topic),
    title: titleOf(topic),
    description: POD_TOPICS[topic].about,
    parameters: { serial: ref("components/parameters/serial") },
    messages: { [keyOf(topic)]: ref(`components/messages/${keyOf(topic)}`) },
    "x-acl": ACL[topic],
  };
}

function operation(topic: PodTopic) {
  const { answeredAt, ...what } = OPERATIONS[topic];
  return {
    ...what,
    channel: ref(`channels/${keyOf(topic)}`),
    messages: [messageIn(topic)],
    ...(answeredAt && {
      reply: { channel: ref(`channels/${keyOf(answeredAt)}`), messages: [messageIn(answeredAt)] },
    }),
    bindings: { mqtt: { qos: MQTT.qos, retain: POD_TOPICS[topic].retained, bindingVersion: BINDING_VERSION } },
  };
}

function message(topic: PodTopic) {
  const { $schema: _, ...payload } = z.toJSONSchema(POD_TOPICS[topic].payload, { target: "draft-7", io: "input" });
  const field = CORRELATION[topic];
  return {
    name: keyOf(topic),
    title: titleOf(topic),
    contentType: "application/json",
    ...(field && { correlationId: { location: `$message.payload#/${field}` } }),
    payload,
    examples: EXAMPLES[topic],
  };
}

function messageIn(topic: PodTopic) {
  return ref(`channels/${keyOf(topic)}/messages/${keyOf(topic)}`);
}

function ref(path: string) {
  return { $ref: `#/${path}` };
}

/** `down/event-ack` is `event-ack`. */
function keyOf(topic: PodTopic): string {
  return topic.slice(topic.indexOf("/") + 1);
}

/** `down/event-ack` is `Event ack`. */
function titleOf(topic: PodTopic): string {
  const words = keyOf(topic).replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `down/event-ack` is `receiveEventAck`. */
function operationId(topic: PodTopic): string {
  const words = titleOf(topic).split(" ");
  return OPERATIONS[topic].action + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}
