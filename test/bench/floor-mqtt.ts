import { connectAsync, type MqttClient } from "mqtt";

/** A client without Nagle's algorithm, subscribed to one filter. */
export async function connectFloorMqtt(
  url: string,
  filter: string,
  onMessage: (payload: string, client: MqttClient) => unknown,
) {
  const client = await connectAsync(url, { protocolVersion: 4, clean: true, reconnectPeriod: 0 });
  (client.stream as { setNoDelay?: (on: boolean) => void }).setNoDelay?.(true);
  client.on("message", (topic, payload) => {
    if (!topic.endsWith("/down/event-ack")) onMessage(payload.toString(), client);
  });
  await client.subscribeAsync(filter, { qos: 1 });
  return {
    publish: (topic: string, payload: unknown) => client.publish(topic, JSON.stringify(payload), { qos: 1 }),
    close: () => client.endAsync(),
  };
}
