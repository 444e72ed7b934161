import { once } from "node:events";
import { connect } from "node:net";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { createStreams } from "../../bot/stream.ts";
import { startHttp } from "../../plumbing/http.ts";
import { createLog } from "../../plumbing/log.ts";

test("a refused upgrade whose client keeps its side open does not hold the server back", async () => {
  const log = createLog("silent");
  const server = await startHttp({ host: "127.0.0.1", port: 0, portSetting: "port", log, routes: [] });
  const client = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true });
  client.write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  const [answer] = (await once(client, "data")) as [Buffer];
  expect(String(answer)).toMatch(/^HTTP\/1\.1 404 /);
  await server.close();
  client.destroy();
});

test("no stream opens any more behind the goodbye", () => {
  const streams = createStreams();
  streams.close();
  const socket = new PassThrough();
  streams.open({ request: {} as never, socket, head: Buffer.alloc(0) }, "c", {
    replay: () => ({ activities: [], watermark: "0" }),
    isLast: false,
  });
  expect(String(socket.read())).toMatch(/^HTTP\/1\.1 503 /);
});
