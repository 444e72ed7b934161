import { connect, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { listen } from "../../plumbing/listen.ts";
import { eventually } from "../support/eventually.ts";
import { openTcpProxy } from "../support/tcp-proxy.ts";

/** What one end of a connection has seen of it. */
function watch(socket: Socket) {
  const seen = { portions: [] as string[], end: "" };
  socket.setNoDelay(true);
  socket.setEncoding("latin1").on("data", (text: string) => seen.portions.push(text));
  socket.on("end", () => {
    seen.end ||= "finished";
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    seen.end ||= error.code ?? error.name;
  });
  return {
    socket,
    end: () => seen.end,
    text: () => seen.portions.join(""),
    portions: () => seen.portions.length,
  };
}

/** A server that repeats what it hears, behind a proxy. */
async function openEcho() {
  const owned = new AsyncDisposableStack();
  const accepted: ReturnType<typeof watch>[] = [];
  const server = createServer((socket) => {
    accepted.push(watch(socket));
    socket.pipe(socket);
  });
  const port = await listen(server, { host: "127.0.0.1", port: 0, setting: "port" });
  owned.defer(() => void server.close());
  const proxy = owned.use(await openTcpProxy(`http://127.0.0.1:${String(port)}`));

  async function dial() {
    const socket = owned.adopt(connect(Number(new URL(proxy.url).port), "127.0.0.1"), (open) => void open.destroy());
    const client = watch(socket);
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const outcome of ["connect", "close"]) socket.once(outcome, () => resolve());
    await promise;
    return client;
  }
  /** A connection on which something was already said and repeated, and its other end. */
  async function dialled() {
    const client = await dial();
    client.socket.write("hello ");
    await eventually(() => expect(client.text()).toBe("hello "));
    const server = accepted.at(-1);
    if (!server) throw new Error("nobody was accepted");
    return { client, server };
  }
  return { proxy, dial, dialled, accepted, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Long enough for bytes to go to and fro on one machine. */
const A_WHILE_MS = 100;

test("nothing is lost, changed or kept while nothing is wrong, in both directions and at the end", async () => {
  await using echo = await openEcho();
  const { client, server } = await echo.dialled();
  const text = "x".repeat(1_000_000);
  client.socket.end(text);
  await eventually(() =>
    expect([client.text() === `hello ${text}`, client.end(), server.end()]).toEqual([true, "finished", "finished"]),
  );
  await eventually(() => expect(echo.proxy.links()).toEqual([]));
});

test("down ends what stands and refuses what comes, until it is up again", async () => {
  await using echo = await openEcho();
  const { client, server } = await echo.dialled();
  echo.proxy.down();
  await eventually(() => expect([client.end(), server.end()]).not.toContain(""));
  const refused = await echo.dial();
  expect(refused.end()).toBe("ECONNREFUSED");
  await echo.proxy.up();
  await echo.dialled();
});

test("latency delays each portion, in the direction that it is set for", async () => {
  await using echo = await openEcho();
  const { client, server } = await echo.dialled();
  echo.proxy.trouble({ latencyMs: 300 }, ["toClient"]);
  const sent = performance.now();
  client.socket.write("there");
  await eventually(() => expect(server.text()).toBe("hello there"));
  expect(performance.now() - sent).toBeLessThan(250);
  await eventually(() => expect(client.text()).toBe("hello there"));
  expect(performance.now() - sent).toBeGreaterThanOrEqual(295);
});

test("a black hole swallows what is said, in its direction, and the connection stays", async () => {
  await using echo = await openEcho();
  const { client, server } = await echo.dialled();
  echo.proxy.trouble({ blackhole: true }, ["toClient"]);
  client.socket.write("lost ");
  await eventually(() => expect(server.text()).toBe("hello lost "));
  await delay(A_WHILE_MS);
  expect([client.text(), client.end()]).toEqual(["hello ", ""]);
  echo.proxy.heal();
  client.socket.write("found");
  await eventually(() => expect(client.text()).toBe("hello found"));
});

test("reset is a reset at both ends", async () => {
  await using echo = await openEcho();
  const { client, server } = await echo.dialled();
  echo.proxy.reset();
  await eventually(() => expect([client.end(), server.end()]).toEqual(["ECONNRESET", "ECONNRESET"]));
  await echo.dialled();
});

test("sliced bytes arrive one by one, and all of them", async () => {
  await using echo = await openEcho();
  const { client, server } = await echo.dialled();
  const text = "y".repeat(500);
  client.socket.write(text);
  await eventually(() => expect(client.text()).toBe(`hello ${text}`));
  const [whole, sliced] = [server.portions(), () => server.portions() - whole];
  expect(whole).toBeLessThan(5);
  echo.proxy.trouble({ slice: 1 }, ["toTarget"]);
  client.socket.write(text);
  await eventually(() => expect(client.text()).toBe(`hello ${text}${text}`));
  // Some may be read together all the same.
  expect(sliced()).toBeGreaterThan(20);
});

test("beyond the limit of bytes a connection is reset, and nothing more arrives", async () => {
  await using echo = await openEcho();
  echo.proxy.trouble({ limit: 4 }, ["toTarget"]);
  const client = await echo.dial();
  client.socket.write("hello");
  await eventually(() => expect(client.end()).toBe("ECONNRESET"));
  await eventually(() =>
    expect(echo.accepted.map((server) => [server.text(), server.end()])).toEqual([["hell", "ECONNRESET"]]),
  );
});

test("a limit of none resets a connection with its first byte", async () => {
  await using echo = await openEcho();
  echo.proxy.trouble({ limit: 0 }, ["toTarget"]);
  const client = await echo.dial();
  expect(client.end()).toBe("");
  client.socket.write("hello");
  await eventually(() => expect(client.end()).toBe("ECONNRESET"));
  expect(echo.accepted.map((server) => server.text())).toEqual([""]);
});

test("half-open is: neither end learns that the other one is gone, and new connections are good", async () => {
  await using echo = await openEcho();
  const { client, server } = await echo.dialled();
  echo.proxy.halfOpen();
  client.socket.write("lost");
  server.socket.resetAndDestroy();
  await delay(A_WHILE_MS);
  expect([client.text(), client.end(), server.text()]).toEqual(["hello ", "", "hello "]);
  await echo.dialled();
});

test("paused bytes are held back, and arrive after all", async () => {
  await using echo = await openEcho();
  const { client, server } = await echo.dialled();
  echo.proxy.pause();
  client.socket.end("there");
  await delay(A_WHILE_MS);
  expect([server.text(), server.end()]).toEqual(["hello ", ""]);
  echo.proxy.resume();
  await eventually(() => expect([client.text(), server.end()]).toEqual(["hello there", "finished"]));
});
