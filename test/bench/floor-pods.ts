import { randomUUIDv7 } from "node:crypto";
import { connectFloorMqtt } from "./floor-mqtt.ts";
import { openFloorStore } from "./floor-store.ts";

const SCHEMA = `
  CREATE TABLE commands (n INTEGER PRIMARY KEY, id TEXT, serial TEXT, outcome TEXT) STRICT;
  CREATE TABLE events (n INTEGER PRIMARY KEY, id TEXT, serial TEXT, payload TEXT) STRICT;`;

type Command = { id: string; sessionId: string; scent: string };

/** All pods with one store: the second commit of a flow is the command as carried out and the event about it. */
export async function startFloorPods(file: string, mqttUrl: string, serials: readonly string[]) {
  const store = openFloorStore(file, SCHEMA);
  const addCommand = store.prepare("INSERT INTO commands VALUES (NULL, ?, ?, 'accepted')");
  const addEvent = store.prepare("INSERT INTO events VALUES (NULL, ?, ?, ?)");

  async function startPod(serial: string) {
    let seq = 0;
    const topic = `aromapod/v1/${serial}`;
    const pod = await connectFloorMqtt(mqttUrl, `${topic}/down/+`, async (payload) => {
      const { id, sessionId, scent } = JSON.parse(payload) as Command;
      const at = new Date().toISOString();
      const event = { id: randomUUIDv7(), seq: ++seq, status: "checkin", scent, commandId: id, sessionId, at };
      await store.write(() => {
        addCommand.run(id, serial);
        addEvent.run(event.id, serial, JSON.stringify(event));
      });
      pod.publish(`${topic}/up/reply`, { commandId: id, outcome: "accepted", at });
      pod.publish(`${topic}/up/event`, event);
    });
    return pod;
  }

  const pods = await Promise.all(serials.map(startPod));
  return {
    async close() {
      await Promise.all(pods.map((pod) => pod.close()));
      store.close();
    },
  };
}
