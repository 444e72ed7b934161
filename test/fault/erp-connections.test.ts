import { describe, expect, test } from "vitest";
import { freePorts } from "../../scripts/free-ports.ts";
import { manualClock } from "../support/clock.ts";
import { openDeliverySystem } from "../support/delivery-system.ts";
import type { Step } from "../support/erp-faults.ts";
import { eventually } from "../support/eventually.ts";
import { openFaultErp } from "../support/fault-erp.ts";
import { openStoppedServer } from "../support/stopped-server.ts";
import { openTcpProxy } from "../support/tcp-proxy.ts";
import { erpTls, trustErpAuthority } from "../support/tls-erp.ts";

/** An ERP behind a network that can be made bad, and the worker in front of it. */
async function openBehindProxy(options: Parameters<typeof openFaultErp>[0] = {}) {
  await using opening = new AsyncDisposableStack();
  const erp = opening.use(await openFaultErp(options));
  const proxy = opening.use(await openTcpProxy(erp.url));
  const clock = manualClock();
  const system = opening.use(await openDeliverySystem({ url: proxy.url, settle: "ref", clock }));
  const owned = opening.move();
  return { erp, proxy, system, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

type Broken = { state: "pending" | "uncertain"; calls: number };

describe("F28: a connection that breaks", () => {
  /** Reports once in a bad network, and again and again in a good one: the outcome must be one usage. */
  async function breakOnce(it: Awaited<ReturnType<typeof openBehindProxy>>, { state, calls }: Broken) {
    const id = await it.system.report();
    await eventually(() => expect(it.system.deliveries()).toMatchObject([{ state, attempts: 1 }]));
    expect([it.erp.calls.length, it.erp.lookups()]).toEqual([calls, 0]);
    it.proxy.heal();
    await it.system.reach("delivered");
    expect(it.erp.executions).toMatchObject([{ ref: id }]);
    expect(it.erp.calls).toHaveLength(calls === 0 || state === "pending" ? calls + 1 : 1);
  }

  test.for<[where: string, limit: number, direction: "toTarget" | "toClient", calls: number]>([
    ["before anything of the request arrives", 0, "toTarget", 0],
    ["within the request", 20, "toTarget", 0],
    ["after the request and before the answer", 0, "toClient", 1],
    ["within the answer's head", 20, "toClient", 1],
    ["within the answer's body", 200, "toClient", 1],
  ])("by a reset %s is uncertain, whether it was carried out or not", async ([, limit, direction, calls]) => {
    await using it = await openBehindProxy();
    it.proxy.trouble({ limit }, [direction]);
    await breakOnce(it, { state: "uncertain", calls });
  });

  test.for<[how: string, step: Step]>([
    ["ended without an answer", { answer: { ending: "end" } }],
    ["ended within the head", { answer: { bytes: "HTTP/1.1 200 OK\r\nContent-Le", ending: "end" } }],
    ["ended within the body", { answer: { bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"m', ending: "end" } }],
    ["reset", { answer: { ending: "reset" } }],
    [
      "reset within the body",
      { answer: { bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"m', ending: "reset" } },
    ],
  ])("as the ERP has %s it after carrying it out is uncertain", async ([, step]) => {
    await using it = await openBehindProxy();
    it.erp.script.push(step);
    await breakOnce(it, { state: "uncertain", calls: 1 });
  });

  test.for<[where: string, limit: number, direction: "toTarget" | "toClient"]>([
    ["at its first byte", 0, "toTarget"],
    ["at the server's first byte", 0, "toClient"],
    ["in the middle", 100, "toClient"],
  ])("by a reset within the handshake of TLS, %s, was not sent", async ([, limit, direction]) => {
    using _trust = trustErpAuthority();
    await using it = await openBehindProxy({ tls: erpTls("good") });
    it.proxy.trouble({ limit }, [direction]);
    await breakOnce(it, { state: "pending", calls: 0 });
  });

  test("into single bytes is none that breaks", async () => {
    await using it = await openBehindProxy();
    it.proxy.trouble({ slice: 1 });
    await it.system.report();
    const [delivery] = await it.system.reach("delivered");
    expect([delivery?.attempts, it.erp.lookups()]).toEqual([1, 0]);
  });
});

/** What is not tested: a name server that is slow, or that sends us to another address. Both are up to the system. */
test("F30: a name that nobody knows was not sent, and is asked for again", async () => {
  const clock = manualClock();
  await using system = await openDeliverySystem({ url: "http://erp.invalid", clock });
  await system.report();
  const evidence = expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)/) as string;
  for (const attempts of [1, 2, 3]) {
    await eventually(() => {
      if (attempts > 1) clock.advance(250);
      expect(system.deliveries()).toMatchObject([{ state: "pending", attempts, evidence }]);
    });
  }
});

describe.concurrent("F31: an ERP that", () => {
  test("refuses connections was sent nothing", async ({ expect }) => {
    const [port = 0] = await freePorts(1);
    const clock = manualClock();
    await using system = await openDeliverySystem({ url: `http://127.0.0.1:${String(port)}`, clock });
    await system.report();
    const evidence = expect.stringMatching(/^ECONNREFUSED/) as string;
    await eventually(() => expect(system.deliveries()).toMatchObject([{ state: "pending", attempts: 1, evidence }]));
  });

  test("answers no connection was sent nothing", async ({ expect }) => {
    await using server = await openStoppedServer();
    await using system = await openDeliverySystem({ url: server.url, clock: manualClock() });
    const reported = performance.now();
    await system.report();
    const evidence = expect.stringMatching(/^UND_ERR_CONNECT_TIMEOUT/) as string;
    await eventually(() => expect(system.deliveries()).toMatchObject([{ state: "pending", attempts: 1, evidence }]));
    expect(performance.now() - reported).toBeGreaterThan(2_500);
  });

  test("takes the connection and says nothing may have carried it out", async ({ expect }) => {
    await using it = await openBehindProxy();
    it.erp.script.push("executed without an answer");
    await it.system.report();
    const evidence = expect.stringMatching(/^UND_ERR_HEADERS_TIMEOUT/) as string;
    await eventually(() => expect(it.system.deliveries()).toMatchObject([{ state: "uncertain", evidence }]));
    await it.system.reach("delivered");
    expect([it.erp.calls.length, it.erp.executions.length]).toEqual([1, 1]);
  });

  test("is cut off from us without a word may have carried it out", async ({ expect }) => {
    await using it = await openBehindProxy();
    it.erp.script.push("slow");
    await it.system.report();
    await eventually(() => expect(it.erp.calls).toHaveLength(1));
    it.proxy.halfOpen();
    await eventually(() => expect(it.system.deliveries()).toMatchObject([{ state: "uncertain" }]));
    await it.system.reach("delivered");
    expect([it.erp.calls.length, it.erp.executions.length]).toEqual([1, 1]);
  });
});
