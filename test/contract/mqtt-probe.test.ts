import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { listen } from "../../plumbing/listen.ts";
import { visitBroker } from "../../plumbing/mqtt-probe.ts";
import { connectUser, openBroker, openStockBroker } from "../support/brokers.ts";
import { passwordOf, SERIAL } from "../support/devices.ts";
import { CA_FILE, openOutsideBroker, SCHEMES } from "../support/outside-broker.ts";
import { openScriptedBroker, usualAnswer } from "../support/scripted-broker.ts";

const DEVICE = `aromapod/v1/${SERIAL}/device`;
const REGISTRY = "aromapod/v1/+/device";
const OTHERS = "aromapod/v1/+/down/event-ack";
const bot = (url: string) => ({ url, clientId: "bot-visit", username: "bot", password: passwordOf("bot") });

test("a visit tells what was granted and what is retained there", async () => {
  await using broker = await openBroker();
  broker.publish(DEVICE, { room: "101" }, true);
  const visit = await visitBroker({ account: bot(broker.url), version: 4, asks: [REGISTRY, OTHERS], listenMs: 200 });
  expect(visit).toEqual({
    state: "admitted",
    granted: [REGISTRY],
    denied: [OTHERS],
    heard: [{ topic: DEVICE, text: '{"room":"101"}' }],
  });
});

test("nobody's connection ends by it, and nothing of it is left at the broker", async () => {
  await using stock = await openStockBroker();
  await using client = await connectUser(stock.url, "bot");
  const said: string[] = [];
  stock.aedes.on("publish", ({ topic }, from) => from && said.push(topic));
  expect(await visitBroker({ account: bot(stock.url), version: 4, asks: ["a"] })).toMatchObject({ granted: ["a"] });
  await expect.poll(() => stock.aedes.connectedClients).toBe(1);
  expect([client.client.connected, said]).toEqual([true, []]);
});

test.for(SCHEMES)("a broker is visited by %s", async (scheme) => {
  await using broker = await openOutsideBroker(scheme);
  const ca = readFileSync(CA_FILE, "utf8");
  expect(await visitBroker({ account: { ...bot(broker.url), ca }, version: 4, asks: ["a"] })).toMatchObject({
    state: "admitted",
    granted: ["a"],
  });
});

test("who is refused is told so, in either protocol", async () => {
  await using broker = await openBroker();
  const stranger = { ...bot(broker.url), password: "wrong" };
  expect(await visitBroker({ account: stranger, version: 4 })).toEqual({
    state: "refused",
    code: 4,
    reason: "Connection refused: Bad username or password",
  });
  // Reason code 0x87 of MQTT 5, without properties; the ninth byte of a CONNECT is its protocol's version.
  await using newer = await openServer((socket) =>
    socket.once("data", (bytes: Buffer) => socket.write(Uint8Array.of(0x20, 3, 0, bytes[8] === 5 ? 0x87 : 1, 0))),
  );
  const nameless = { url: newer.url, clientId: "somebody" };
  expect(await visitBroker({ account: nameless, version: 5 })).toEqual({
    state: "refused",
    code: 0x87,
    reason: "Connection refused: Not authorized",
  });
});

test("whoever does not answer, or says something else, is not waited for", async () => {
  await using silent = await openScriptedBroker(() => undefined);
  await using half = await openScriptedBroker((packet) =>
    packet.cmd === "subscribe" ? undefined : usualAnswer(packet),
  );
  await using other = await openServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  const visit = (url: string) => visitBroker({ account: bot(url), version: 4, asks: ["a"] });
  const began = performance.now();
  const [none, part, wrong] = await Promise.all([visit(silent.url), visit(half.url), visit(other.url)]);
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(none).toEqual({ state: "unreached", reason: "no answer within five seconds" });
  expect(part).toEqual({ state: "admitted", granted: [], denied: [], heard: [] });
  expect(wrong.state).toBe("unreached");
});

/** Answers as it is told, and is no broker. */
async function openServer(answer: (socket: Socket) => void) {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    answer(socket.resume());
  });
  const port = await listen(server, { host: "127.0.0.1", port: 0, setting: "" });
  const close = async () => {
    server.close();
    await once(server, "close");
  };
  return { url: `mqtt://127.0.0.1:${String(port)}`, [Symbol.asyncDispose]: close };
}
