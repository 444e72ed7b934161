import restify from "restify";
import { listenRestify } from "./floor-http.ts";
import { openFloorStore } from "./floor-store.ts";

const SCHEMA = "CREATE TABLE usages (id INTEGER PRIMARY KEY, serial TEXT, status TEXT, scent TEXT, at TEXT) STRICT;";

/** The least that can answer the documented call and keep it: bare restify and one INSERT, synced as the kit's commits. */
export async function startErpFloor(file: string) {
  const store = openFloorStore(file, SCHEMA);
  const addUsage = store.prepare("INSERT INTO usages (serial, status, scent, at) VALUES (?, ?, ?, ?)");

  const server = restify.createServer();
  server.get("/device/switch", async (req: restify.Request, res: restify.Response) => {
    const url = req.url ?? "";
    const query = new URLSearchParams(url.slice(url.indexOf("?") + 1));
    const [serial, status, scent] = [query.get("serial"), query.get("status"), query.get("scent")];
    const timestamp = new Date().toISOString();
    await store.write(() => addUsage.run(serial, status, scent, timestamp));
    const body = JSON.stringify({ message: "Device check-in successful", serial, status, timestamp });
    res.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
    res.end(body);
  });

  const http = await listenRestify(server);
  return {
    url: http.url,
    async close() {
      await http.close();
      store.close();
    },
  };
}
