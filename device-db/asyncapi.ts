import { readFileSync } from "node:fs";
import type { Schema } from "../plumbing/schema-fields.ts";

type Ref = { $ref: string };

type Server = { host: string; protocol: string; title: string; description: string };
type Connection = { clientId: string; cleanSession: boolean; keepAlive: number; lastWill: LastWill };
type LastWill = { topic: string; qos: number; retain: boolean; message: string };
type Channel = { address: string; title: string; description: string; "x-acl": Record<string, string[]> };
type Message = { payload: Schema; examples: { summary: string; payload: unknown }[] };
type Operation = {
  action: "send" | "receive";
  title: string;
  description: string;
  channel: Ref;
  bindings: { mqtt: { qos: number; retain: boolean } };
};

/** What is shown of the document. */
type AsyncApi = {
  info: { title: string; version: string; description: string };
  servers: Record<string, Server>;
  channels: Record<string, Channel>;
  operations: Record<string, Operation>;
  components: {
    messages: Record<string, Message>;
    securitySchemes: { device: { description: string } };
    serverBindings: { device: { mqtt: Connection } };
  };
};

/** One topic with all that is said about it. */
export type Topic = { key: string; operation: Operation; channel: Channel; message: Message };

export type MqttContract = ReturnType<typeof readMqttContract>;

/** The AsyncAPI document that is kept. */
function keptText(): string {
  return readFileSync(new URL("../docs/asyncapi.json", import.meta.url), "utf8");
}

/** The MQTT contract as it is told to those who build a device: the AsyncAPI document, and what the page shows of it. */
export function readMqttContract(text = keptText()) {
  const { info, servers, channels, operations, components } = JSON.parse(text) as AsyncApi;
  const topics = Object.values(operations).flatMap((operation): Topic[] => {
    const key = operation.channel.$ref.split("/").at(-1) ?? "";
    const channel = channels[key];
    const message = components.messages[key];
    return channel && message ? [{ key, operation, channel, message }] : [];
  });
  return {
    text,
    info,
    servers: Object.values(servers),
    connection: components.serverBindings.device.mqtt,
    password: components.securitySchemes.device.description,
    topics,
  };
}
