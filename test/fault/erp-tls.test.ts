import type { TlsOptions } from "node:tls";
import { Agent, request } from "undici";
import { describe, expect, test } from "vitest";
import { freePorts } from "../../scripts/free-ports.ts";
import { manualClock } from "../support/clock.ts";
import { openDeliverySystem } from "../support/delivery-system.ts";
import { eventually } from "../support/eventually.ts";
import { openFaultErp } from "../support/fault-erp.ts";
import { openLogBook } from "../support/log-book.ts";
import { erpTls, TLS_1_0, trustErpAuthority } from "../support/tls-erp.ts";

type Variant = [what: string, tls: TlsOptions | undefined, code: RegExp];

/** Each in front of a client that trusts the authority of the tests. */
const VARIANTS: readonly Variant[] = [
  ["an expired certificate", erpTls("expired"), /^CERT_HAS_EXPIRED/],
  ["a certificate signed by itself", erpTls("self-signed"), /^DEPTH_ZERO_SELF_SIGNED_CERT/],
  ["another host's certificate", erpTls("other-host"), /^ERR_TLS_CERT_ALTNAME_INVALID/],
  ["TLS 1.0 only", { ...erpTls("good"), ...TLS_1_0 }, /^ERR_SSL_/],
  ["no TLS at all", undefined, /^ERR_SSL_/],
];

describe("F29: an ERP under TLS", () => {
  test.for(VARIANTS)("with %s gets no request and raises an alert, until it is mended", async ([, tls, code]) => {
    using _trust = trustErpAuthority();
    const [port = 0] = await freePorts(1);
    const clock = manualClock();
    const book = openLogBook();
    await using system = await openDeliverySystem({ url: `https://127.0.0.1:${String(port)}`, clock, log: book.log });
    {
      await using erp = await openFaultErp({ port, ...(tls && { tls }) });
      await system.report();
      const evidence = expect.stringMatching(code) as string;
      await eventually(() => expect(system.deliveries()).toMatchObject([{ state: "pending", attempts: 1, evidence }]));
      expect([erp.calls, book.alerts().length]).toEqual([[], 1]);
    }
    await using erp = await openFaultErp({ port, tls: erpTls("good") });
    await system.reach("delivered");
    expect([erp.calls.length, erp.executions.length]).toEqual([1, 1]);
  });

  test("whose authority nobody trusts gets no request", async () => {
    await using erp = await openFaultErp({ tls: erpTls("good") });
    const book = openLogBook();
    await using system = await openDeliverySystem({ url: erp.url, clock: manualClock(), log: book.log });
    await system.report();
    await eventually(() => expect(system.deliveries()).toMatchObject([{ state: "pending", attempts: 1 }]));
    expect([erp.calls, book.alerts().length]).toEqual([[], 1]);
  });

  test.for(VARIANTS.slice(0, 4))("with %s is called by a client that does not look", async ([, tls = {}]) => {
    await using erp = await openFaultErp({ tls });
    const careless = { rejectUnauthorized: false, minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
    const dispatcher = new Agent({ connect: careless });
    await (await request(`${erp.url}/device/switch`, { dispatcher })).body.dump();
    await dispatcher.close();
    expect(erp.executions).toHaveLength(1);
  });

  test("with no TLS at all is called by a client that tries without", async () => {
    await using erp = await openFaultErp();
    await expect(fetch(`${erp.url.replace("http:", "https:")}/device/switch`)).rejects.toThrow();
    await (await fetch(`${erp.url}/device/switch`)).arrayBuffer();
    expect(erp.executions).toHaveLength(1);
  });
});
