import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { Aedes, type AedesPublishPacket } from "aedes";
import { Agent, request } from "undici";
import { openFloorStore } from "./floor-store.ts";

const SCHEMA = `
  CREATE TABLE journal (n INTEGER PRIMARY KEY, id TEXT, serial TEXT, payload TEXT, at TEXT) STRICT;
  CREATE TABLE deliveries (n INTEGER PRIMARY KEY, id TEXT, serial TEXT, path TEXT, state TEXT, attempts INTEGER) STRICT;`;

const EVENTS = "aromapod/v1/+/up/event";
const ERP_CONNECTIONS = 64;

type PodEvent = { id: string; status: string; scent: string };

/** The broker and, subscribed within its process, the third and fourth commit of a flow and the call of the ERP. */
export async function startFloorDeviceDb(file: string, erpUrl: string) {
  const broker = await Aedes.createBroker();
  const tcp = createServer({ noDelay: true }, broker.handle);
  tcp.listen(0, "127.0.0.1");
  await once(tcp, "listening");
  const store = openFloorStore(file, SCHEMA);
  const addEvent = store.prepare("INSERT INTO journal VALUES (NULL, ?, ?, ?, ?)");
  const addDelivery = store.prepare("INSERT INTO deliveries VALUES (NULL, ?, ?, ?, 'pending', 0)");
  const startDelivery = store.prepare("UPDATE deliveries SET state = 'inflight', attempts = attempts + 1 WHERE n = ?");
  // A fresh connection for each call, as in the kit. libuv accepts one per turn of the event loop, and a turn holds the
  // fsyncs of all stores of the process: at 64 in flight this bounds the flows per second.
  const agent = new Agent({ pipelining: 0, connections: ERP_CONNECTIONS, allowH2: false });

  async function takeEvent(serial: string, payload: string): Promise<void> {
    const { id, status, scent } = JSON.parse(payload) as PodEvent;
    const path = `/device/switch?serial=${serial}&submit=&status=${status}&scent=${scent}`;
    const delivery = await store.write(() => {
      addEvent.run(id, serial, payload, new Date().toISOString());
      return addDelivery.run(id, serial, path).lastInsertRowid;
    });
    const ack = {
      topic: `aromapod/v1/${serial}/down/event-ack`,
      payload: Buffer.from(JSON.stringify({ eventId: id })),
    };
    broker.publish({ cmd: "publish", qos: 1, retain: false, dup: false, ...ack }, () => undefined);
    await store.write(() => startDelivery.run(delivery));
    const { body } = await request(`${erpUrl}${path}`, { dispatcher: agent });
    await body.dump();
  }

  const onEvent = (packet: AedesPublishPacket, done: () => void) => {
    void takeEvent(packet.topic.split("/")[2] ?? "", packet.payload.toString());
    done();
  };
  await new Promise<void>((subscribed) => broker.subscribe(EVENTS, onEvent, subscribed));

  return {
    mqttUrl: `mqtt://127.0.0.1:${String((tcp.address() as AddressInfo).port)}`,
    async close() {
      tcp.close();
      await new Promise<void>((closed) => broker.close(closed));
      await agent.close();
      store.close();
    },
  };
}
