import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { openErpClient } from "../../device-db/erp-client.ts";
import { type Proof, prove } from "../../device-db/outcome.ts";
import { freePorts } from "../../scripts/free-ports.ts";

const CALL = {
  id: "event-1",
  serial: "HKAP0100000001",
  status: "checkin" as const,
  scent: "wood",
  start_time: null,
  end_time: null,
  traceparent: null,
};

/** One call, with what it took and whether it ended as a failure and with which code. */
async function callErp(url: string) {
  const client = openErpClient({ url, apiKey: undefined });
  const called = performance.now();
  const result = await client.send(CALL);
  await client.close();
  const code = result.kind === "failure" ? result.code : `HTTP ${String(result.status)}`;
  return { code, proof: prove(result, CALL), tookMs: performance.now() - called };
}

/** A server that treats each connection as told, and counts the requests that it has read. */
async function openServer(onConnection: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => {
      const text = bytes.toString("latin1");
      if (text.startsWith("GET /device/switch")) requests.push(text);
    });
    onConnection(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    host: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    requests,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers each request with these bytes and ends the connection. */
function answering(bytes: string) {
  return (socket: Socket) => void socket.once("data", () => socket.end(bytes));
}

const OK = "HTTP/1.1 200 OK\r\nConnection: close\r\n";

describe("what never had a connection was not sent", () => {
  test("as the name does not exist", async () => {
    expect(await callErp("http://erp.invalid")).toMatchObject({
      code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) as string,
      proof: "not-sent",
    });
  });

  test("as nobody listens", async () => {
    const [port] = await freePorts(1);
    expect(await callErp(`http://127.0.0.1:${String(port)}`)).toMatchObject({
      code: "ECONNREFUSED",
      proof: "not-sent",
    });
  });

  test.for<[what: string, onConnection: (socket: Socket) => void, code: RegExp]>([
    ["speaks no TLS", answering("HTTP/1.1 400 Bad Request\r\n\r\n"), /^ERR_SSL_/],
    [
      "resets the connection when TLS begins",
      (socket) => void socket.once("data", () => socket.resetAndDestroy()),
      /^ECONNRESET$/,
    ],
    ["hangs up when TLS begins", (socket) => void socket.once("data", () => socket.end()), /^ECONNRESET$/],
  ])("as the server %s", async ([, onConnection, code]) => {
    await using server = await openServer(onConnection);
    const called = await callErp(`https://${server.host}`);
    expect(called).toMatchObject({ code: expect.stringMatching(code) as string, proof: "not-sent" });
    expect(server.requests).toEqual([]);
  });
});

describe("what had a connection may have been carried out", () => {
  test.for<[what: string, bytes: string, proof: Proof]>([
    ["no HTTP", "SSH-2.0-OpenSSH_9.7\r\n", "ambiguous"],
    ["nothing at all", "", "ambiguous"],
    ["half a head", "HTTP/1.1 200 O", "ambiguous"],
    ["less than it announced", `${OK}Content-Length: 500\r\n\r\n{"message"`, "ambiguous"],
    ["two lengths", `${OK}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`, "ambiguous"],
    ["a head of 40 KB", `${OK}X-Filler: ${"x".repeat(40_000)}\r\n\r\n{}`, "ambiguous"],
    ["a body of 1 MB", `${OK}\r\n${"x".repeat(1_000_000)}`, "ambiguous"],
    ["a page", `${OK}Content-Type: text/html\r\n\r\n<h1>Hello</h1>`, "ambiguous"],
    ["a redirect", "HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: /\r\n\r\n", "ambiguous"],
    [
      "an early hint and then an error",
      "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 500 Oh\r\nConnection: close\r\n\r\n",
      "ambiguous",
    ],
    ["a demand to sign in", "HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n", "refused"],
    ["a rejection", 'HTTP/1.1 422 No\r\nConnection: close\r\n\r\n{"error":"Validation failed"}', "rejected"],
  ])("%s is answered", async ([, bytes, proof]) => {
    await using server = await openServer(answering(bytes));
    expect((await callErp(`http://${server.host}`)).proof).toBe(proof);
    expect(server.requests).toHaveLength(1);
  });

  test("a reset after the request, with the very code that a reset before it has", async () => {
    await using server = await openServer((socket) => void socket.once("data", () => socket.resetAndDestroy()));
    expect(await callErp(`http://${server.host}`)).toMatchObject({ code: "ECONNRESET", proof: "ambiguous" });
    expect(server.requests).toHaveLength(1);
  });

  test("an answer that never comes is waited for about ten seconds, and one that drips at most fifteen", async () => {
    await using silent = await openServer(() => undefined);
    await using dripping = await openServer((socket) => {
      socket.write(`${OK}Content-Length: 1000\r\n\r\n`);
      const drip = setInterval(() => socket.write(" "), 500);
      socket.once("close", () => clearInterval(drip));
    });
    const [never, slowly] = await Promise.all([callErp(`http://${silent.host}`), callErp(`http://${dripping.host}`)]);
    expect(never).toMatchObject({ code: "UND_ERR_HEADERS_TIMEOUT", proof: "ambiguous" });
    expect(never.tookMs).toBeLessThan(12_500);
    expect(slowly).toMatchObject({ code: "TimeoutError", proof: "ambiguous" });
    expect(slowly.tookMs).toBeLessThan(16_000);
    expect([silent.requests.length, dripping.requests.length]).toEqual([1, 1]);
  });
});
