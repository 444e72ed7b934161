import { type MqttContract, readMqttContract, type Topic } from "../../device-db/asyncapi.ts";
import { deviceSchema, deviceTopic, sessionNoticeSchema, sessionTopic } from "../../device-db/contract.ts";
import { asyncApiText } from "../../device-sim/asyncapi.ts";
import type { Schema } from "../../plumbing/schema-fields.ts";
import { fieldTable } from "./fields.ts";
import { block, code, GENERATED, page, slug, table } from "./markdown.ts";

/** Topics of the services among themselves, which no device needs. */
const SERVICES = [
  {
    title: "Device",
    topic: deviceTopic("{serial}"),
    schema: deviceSchema,
    about:
      "From the device database to the bot, retained: the registry's row of a device, without secrets. It is told again whenever the sender connects.",
  },
  {
    title: "Session",
    topic: sessionTopic("{serial}"),
    schema: sessionNoticeSchema,
    about:
      "From the bot to the device database: how far a guest's session is, for the live flow. Nothing depends on it.",
  },
];

/** `docs/reference/mqtt.md` */
export function mqttPage(): string {
  const contract = readMqttContract(asyncApiText());
  const { info, topics } = contract;
  return page([
    `# MQTT: ${info.title}, version ${info.version}`,
    GENERATED,
    "For programs the same is [asyncapi.json](../asyncapi.json), and for people who build a device a page of the console, `/docs`. [Your device](../guides/your-device.md) tries it by hand.",
    info.description,
    "## The connection",
    ...connection(contract),
    "## Topics",
    table(["topic", "from", "to", "retained", "what it is for"], topics.map(topicRow)),
    ...topics.flatMap(topicSection),
    "## Between the services",
    ...SERVICES.flatMap(({ title, topic, schema, about }) => [
      `### ${title}`,
      code(topic),
      about,
      fieldTable(schema.toJSONSchema({ io: "input" }) as Schema),
    ]),
  ]);
}

function connection({ connection: { clientId, cleanSession, keepAlive, lastWill }, servers, password }: MqttContract) {
  return [
    table(
      ["", ""],
      [
        ["client id", code(clientId)],
        ["clean session", cleanSession ? "yes" : "no"],
        ["keep alive", `${String(keepAlive)} s`],
        ["last will", `${code(lastWill.topic)}, QoS ${String(lastWill.qos)}, ${retainedText(lastWill.retain)}`],
        ["its payload", code(lastWill.message)],
      ],
    ),
    password,
    ...servers.map(
      ({ title, protocol, host, description }) => `**${title}**, ${code(`${protocol}://${host}`)}. ${description}`,
    ),
  ];
}

function topicRow({ operation, channel }: Topic): string[] {
  const { title } = channel;
  return [
    `[${code(shortOf(channel.address))}](#${slug(title)})`,
    rolesWho(channel, "publish"),
    rolesWho(channel, "subscribe"),
    operation.bindings.mqtt.retain ? "yes" : "",
    operation.title,
  ];
}

function topicSection({ operation, channel, message }: Topic): string[] {
  return [
    `### ${channel.title}`,
    `${code(channel.address)}, QoS ${String(operation.bindings.mqtt.qos)}, ${retainedText(operation.bindings.mqtt.retain)}.`,
    channel.description,
    `**${operation.title}.** ${operation.description}`,
    fieldTable(message.payload),
    ...message.examples.map(
      ({ summary, payload }) => `${summary}:\n\n${block(JSON.stringify(payload, null, 2), "json")}`,
    ),
  ];
}

function rolesWho({ "x-acl": acl }: Topic["channel"], verb: string): string {
  return Object.keys(acl)
    .filter((role) => acl[role]?.includes(verb))
    .join(", ");
}

function retainedText(isRetained: boolean): string {
  return isRetained ? "retained" : "not retained";
}

/** Without what all topics begin with. */
function shortOf(address: string): string {
  return address.slice(address.indexOf("}/") + 2);
}
