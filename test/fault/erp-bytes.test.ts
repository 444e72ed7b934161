import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { manualClock } from "../support/clock.ts";
import { openDeliverySystem } from "../support/delivery-system.ts";
import { SERIAL } from "../support/devices.ts";
import type { WireAnswer } from "../support/erp-faults.ts";
import { openFaultGround } from "../support/fault-ground.ts";
import { openLogBook } from "../support/log-book.ts";
import { startFaultErp } from "../support/remote-fault-erp.ts";

const MB = 1024 * 1024;
const OK = "HTTP/1.1 200 OK\r\nConnection: close\r\n";
const ACCEPTED = JSON.stringify({
  message: "Device check-in successful",
  serial: SERIAL,
  status: "checkin",
  timestamp: "2026-03-01T12:00:00.000Z",
});
const CHUNKED = `${ACCEPTED.length.toString(16)}\r\n${ACCEPTED}\r\n0\r\n\r\n`;

describe("F26: an answer of any size", () => {
  const BOMB = "of 60 MB in 60 KB";
  const bomb = gzipSync(Buffer.alloc(60 * MB)).toString("latin1");
  const SIZES: readonly [what: string, answer: WireAnswer][] = [
    ["without end", { bytes: `${OK}\r\n`, ending: "flood" }],
    ["of 1 GB, as it says", { bytes: `${OK}Content-Length: ${String(1024 * MB)}\r\n\r\n`, ending: "flood" }],
    ["in chunks without end", { bytes: `${OK}Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n`, ending: "flood" }],
    [BOMB, { bytes: `${OK}Content-Encoding: gzip\r\n\r\n${bomb}`, ending: "end" }],
    ["with a head of 40 KB", { bytes: `${OK}X-Filler: ${"x".repeat(40_000)}\r\n\r\n${ACCEPTED}`, ending: "end" }],
    ["with a head without end", { bytes: `${OK}X-Filler: `, ending: "flood" }],
  ];

  /** Resolves with by how much this process grew meanwhile. */
  async function growthMb(work: () => Promise<unknown>): Promise<number> {
    const before = process.memoryUsage.rss();
    let highest = before;
    const watch = setInterval(() => {
      highest = Math.max(highest, process.memoryUsage.rss());
    }, 1);
    await work().finally(() => clearInterval(watch));
    return (Math.max(highest, process.memoryUsage.rss()) - before) / MB;
  }

  test("is cut at 64 KB, whatever it says of itself, and costs no memory", async () => {
    await using erp = await startFaultErp();
    const { log, lines } = openLogBook();
    await using system = await openDeliverySystem({ url: erp.url, settle: "ref", clock: manualClock(), log });
    await system.report();
    await system.reach("delivered");
    await erp.tell({ script: SIZES.map(([, answer]) => ({ answer })) });
    for (const _ of SIZES) await system.report();
    const grownMb = await growthMb(() => system.reach("delivered", ...SIZES.map(() => "delivered" as const)));
    expect(lines.filter(({ msg }) => msg === "delivery uncertain").map(({ evidence }) => evidence)).toEqual([
      expect.stringMatching(/^UND_ERR_RES_EXCEEDED_MAX_SIZE/),
      expect.stringMatching(/^UND_ERR_RES_EXCEEDED_MAX_SIZE/),
      expect.stringMatching(/^UND_ERR_RES_EXCEEDED_MAX_SIZE/),
      expect.stringMatching(/^HTTP 200/),
      expect.stringMatching(/^UND_ERR_HEADERS_OVERFLOW/),
      expect.stringMatching(/^UND_ERR_HEADERS_OVERFLOW/),
    ]);
    expect((await erp.seen()).calls).toBe(SIZES.length + 1);
    expect(grownMb).toBeLessThan(20);
  });

  test("costs what the ERP likes in a client that reads to the end", async () => {
    await using erp = await startFaultErp();
    await erp.tell({ script: SIZES.filter(([what]) => what === BOMB).map(([, answer]) => ({ answer })) });
    const read = async () => (await fetch(`${erp.url}/device/switch`)).arrayBuffer();
    expect(await growthMb(read)).toBeGreaterThan(20);
  });
});

describe("F27: bytes that are no answer", () => {
  const BYTES: readonly [what: string, answer: WireAnswer][] = [
    ["of another protocol", { bytes: "SSH-2.0-OpenSSH_9.7\r\n", ending: "end" }],
    ["of no protocol", { bytes: "\u0000\u00ff\u0016\u0003".repeat(500), ending: "end" }],
    ["of a TLS alert", { bytes: "\u0015\u0003\u0001\u0000\u0002\u0002\u0046", ending: "end" }],
    [
      "with a length and in chunks",
      { bytes: `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKED}`, ending: "end" },
    ],
    ["of two lengths", { bytes: `${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\n${ACCEPTED}`, ending: "end" }],
    ["of no length at all", { bytes: `${OK}Content-Length: -5\r\n\r\n${ACCEPTED}`, ending: "end" }],
    ["fewer than they should be", { bytes: `${OK}Content-Length: 5000\r\n\r\n${ACCEPTED}`, ending: "end" }],
    ["more than they should be", { bytes: `${OK}Content-Length: 5\r\n\r\n${ACCEPTED}`, ending: "end" }],
    ["in a broken chunk", { bytes: `${OK}Transfer-Encoding: chunked\r\n\r\nzz\r\n${ACCEPTED}`, ending: "end" }],
    ["in chunks without the last", { bytes: `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\n{"mes`, ending: "end" }],
    ["of a head that breaks off", { bytes: "HTTP/1.1 200 O", ending: "end" }],
    ["of a head with a stray line", { bytes: `${OK}no header\r\n\r\n${ACCEPTED}`, ending: "end" }],
    ["of a status that is none", { bytes: `HTTP/1.1 9999 What\r\n\r\n${ACCEPTED}`, ending: "end" }],
  ];

  test.for(BYTES)("%s: a call that was carried out is found, and stays one usage", async ([, answer]) => {
    await using it = await openFaultGround();
    it.erp.script.push({ answer });
    const id = await it.system.report();
    const [delivery] = await it.system.reach("delivered");
    expect(delivery).toMatchObject({ attempts: 1, evidence: "found in the ERP as usage 1" });
    expect([it.erp.calls.length, it.erp.executions]).toMatchObject([1, [{ ref: id }]]);
  });

  test.for(BYTES)("%s: a call that was not is sent again, after two look-ups", async ([, answer]) => {
    await using it = await openFaultGround();
    it.erp.script.push({ executes: "never", answer });
    const id = await it.system.report();
    await it.system.reach("delivered");
    expect([it.erp.calls.length, it.erp.lookups(), it.erp.executions]).toMatchObject([2, 2, [{ ref: id }]]);
  });

  test("what is said around a good answer does no harm", async () => {
    await using it = await openFaultGround();
    const hint = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
    const bytes = `${hint}${OK}Content-Length: ${String(ACCEPTED.length)}\r\n\r\n${ACCEPTED}`;
    it.erp.script.push({ answer: { bytes, ending: "end" } });
    await it.system.report();
    const [delivery] = await it.system.reach("delivered");
    expect([delivery?.attempts, it.erp.lookups()]).toEqual([1, 0]);
  });
});
