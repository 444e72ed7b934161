import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Server as RestifyServer } from "restify";

/** Listens on a free port of the loopback. */
export async function listenRestify(server: RestifyServer) {
  const http = server.server as Server;
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return {
    url: `http://127.0.0.1:${String((http.address() as AddressInfo).port)}`,
    async close() {
      const closed = once(http, "close");
      http.close();
      http.closeAllConnections();
      await closed;
    },
  };
}
