import { once } from "node:events";
import { createServer } from "node:http";
import { expect, test } from "vitest";
import { parseTraceparent } from "../../plumbing/trace.ts";
import { beginChat } from "../support/chat-guest.ts";
import { deliveredSession, openKit, sessionAtDeviceDb } from "../support/kit.ts";

/** An ERP that takes every call and keeps the trace context that came with it. */
async function openListeningErp() {
  const heard: string[] = [];
  const server = createServer((req, res) => {
    heard.push(String(req.headers["traceparent"] ?? ""));
    const { serial, status } = Object.fromEntries(new URL(req.url ?? "", "http://erp").searchParams);
    res.setHeader("content-type", "application/json");
    res.end(JSON.stringify({ message: "ok", serial, status, timestamp: new Date().toISOString() }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${String(port)}`, heard, [Symbol.asyncDispose]: close };
}

test("a session's trace is its id, from the launch to the ERP, and each hop has a span of its own", async () => {
  await using erp = await openListeningErp();
  await using kit = await openKit("legacy", { ERP_URL: erp.url });
  const guest = await beginChat(kit.launchUrl);
  await guest.say("b");
  await deliveredSession(kit, guest.id);
  const { hops, traceparent } = await sessionAtDeviceDb(kit, guest.id);
  const carried = hops.flatMap(({ name, payload }) => {
    const found = /"traceparent":"([^"]+)"/.exec(payload ?? "")?.[1];
    return found === undefined ? [] : [{ name, ...parseTraceparent(found) }];
  });
  const trace = guest.id.replaceAll("-", "");
  const expected = ["chat opened", "asked", "session ended", "command handed on", "event reported", "called"];
  expect(carried.map(({ name }) => name)).toEqual(expect.arrayContaining(expected));
  expect(new Set(carried.map(({ traceId }) => traceId))).toEqual(new Set([trace]));
  expect(new Set(carried.map(({ parentId }) => parentId)).size).toBe(carried.length);
  expect(erp.heard).toHaveLength(1);
  expect(parseTraceparent(erp.heard[0])).toMatchObject({
    traceId: trace,
    parentId: carried.find(({ name }) => name === "called")?.parentId,
  });
  expect(parseTraceparent(traceparent)?.traceId).toBe(trace);
});
