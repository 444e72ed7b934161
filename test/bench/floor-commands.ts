import { randomUUIDv7 } from "node:crypto";
import { connectFloorMqtt } from "./floor-mqtt.ts";
import { openFloorStore } from "./floor-store.ts";

const SCHEMA = `
  CREATE TABLE sessions (n INTEGER PRIMARY KEY, id TEXT, serial TEXT, state TEXT, answer TEXT, at TEXT) STRICT;
  CREATE TABLE commands (n INTEGER PRIMARY KEY, id TEXT, session_id TEXT, serial TEXT, payload TEXT, state TEXT) STRICT;`;

/** The first commit of a flow, the ended session and its command, and the command on its way. */
export async function startFloorCommands(file: string, mqttUrl: string) {
  const store = openFloorStore(file, SCHEMA);
  const addSession = store.prepare("INSERT INTO sessions VALUES (NULL, ?, ?, 'ended', ?, ?)");
  const addCommand = store.prepare("INSERT INTO commands VALUES (NULL, ?, ?, ?, ?, 'open')");
  const replies = await connectFloorMqtt(
    mqttUrl,
    "aromapod/v1/+/up/reply",
    (payload) => JSON.parse(payload) as unknown,
  );

  return {
    async endSession(serial: string, scent: string): Promise<void> {
      const [id, sessionId, issuedAt] = [randomUUIDv7(), randomUUIDv7(), new Date().toISOString()];
      const command = { id, sessionId, action: "checkin", scent, issuedAt, ttlS: 120 };
      await store.write(() => {
        addSession.run(sessionId, serial, scent, issuedAt);
        addCommand.run(id, sessionId, serial, JSON.stringify(command));
      });
      replies.publish(`aromapod/v1/${serial}/down/command`, command);
    },
    async close() {
      await replies.close();
      store.close();
    },
  };
}
