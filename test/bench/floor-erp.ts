import restify from "restify";
import { listenRestify } from "./floor-http.ts";
import { openFloorStore } from "./floor-store.ts";

const SCHEMA = `
  CREATE TABLE devices (serial TEXT PRIMARY KEY, room TEXT NOT NULL) STRICT;
  CREATE TABLE scents (name TEXT PRIMARY KEY) STRICT;
  CREATE TABLE statuses (name TEXT PRIMARY KEY) STRICT;
  CREATE TABLE usages (id INTEGER PRIMARY KEY, serial TEXT, room TEXT, status TEXT, scent TEXT, at TEXT) STRICT;
  CREATE TABLE requests (id INTEGER PRIMARY KEY, url TEXT, status INTEGER, at TEXT) STRICT;
  INSERT INTO scents VALUES ('fire'), ('wood'), ('water'), ('air');
  INSERT INTO statuses VALUES ('checkin'), ('checkout'), ('timein'), ('timeout');`;

/** Three look-ups and the fifth commit of a flow: the usage and the journal of requests. */
export async function startFloorErp(file: string, serials: readonly string[]) {
  const store = openFloorStore(file, SCHEMA);
  const addDevice = store.prepare("INSERT INTO devices VALUES (?, 'Room')");
  await store.write(() => serials.map((serial) => addDevice.run(serial)));
  const findDevice = store.prepare("SELECT room FROM devices WHERE serial = ?");
  const findScent = store.prepare("SELECT name FROM scents WHERE name = ?");
  const findStatus = store.prepare("SELECT name FROM statuses WHERE name = ?");
  const addUsage = store.prepare("INSERT INTO usages (serial, room, status, scent, at) VALUES (?, ?, ?, ?, ?)");
  const addRequest = store.prepare("INSERT INTO requests (url, status, at) VALUES (?, 200, ?)");
  const countUsages = store.prepare("SELECT count(*) AS usages FROM usages");

  const server = restify.createServer();
  server.get("/device/switch", async (req: restify.Request, res: restify.Response) => {
    const url = req.url ?? "";
    const query = new URLSearchParams(url.slice(url.indexOf("?") + 1));
    const [serial, scent, status] = [query.get("serial"), query.get("scent"), query.get("status")];
    const device = findDevice.get(serial) as { room: string } | undefined;
    if (!device || !findScent.get(scent) || !findStatus.get(status)) return send(res, 422, { error: "unknown" });
    const timestamp = new Date().toISOString();
    await store.write(() => {
      addUsage.run(serial, device.room, status, scent, timestamp);
      addRequest.run(url, timestamp);
    });
    send(res, 200, { message: "Device switched.", serial, status, timestamp });
  });

  const http = await listenRestify(server);
  return {
    url: http.url,
    countUsages: () => (countUsages.get() as { usages: number }).usages,
    async close() {
      await http.close();
      store.close();
    },
  };
}

function send(res: restify.Response, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  res.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  res.end(body);
}
