import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressProblem, canonicalAddress, createAllowList, networkProblem } from "../../erp-stub/addresses.ts";

const ALLOWED = ["127.0.0.1", "10.1.2.0/24", "2001:db8::/32", "::1"];

describe("an allow-list", () => {
  test.each([
    "127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "10.1.2.255",
    "::ffff:10.1.2.3",
    "2001:db8:9::1",
    "::1",
    "0:0:0:0:0:0:0:1",
    "2001:DB8::1",
  ])("holds %s", (address) => {
    expect(createAllowList(ALLOWED)(address)).toBe(true);
  });

  test.each([
    "127.0.0.2",
    "::ffff:127.0.0.2",
    "10.1.3.0",
    "2001:db9::1",
    "::2",
    "",
    "localhost",
    "127.1",
    "0127.0.0.1",
    "::1%lo",
    "10.1.2.3:80",
    "[::1]",
  ])("does not hold «%s»", (address) => {
    expect(createAllowList(ALLOWED)(address)).toBe(false);
  });

  test.each(["::ffff:10.9.9.9", "::ffff:a09:909", "::ffff:10.9.0.0/112", "0:0:0:0:0:ffff:a09:0/112"])(
    "holds an IPv4 address for its entry %s",
    (entry) => {
      const isListed = createAllowList([entry]);
      expect(["10.9.9.9", "::ffff:10.9.9.9", "10.8.9.9"].map(isListed)).toEqual([true, true, false]);
    },
  );

  test("may hold networks of every size", () => {
    expect(createAllowList(["0.0.0.0/0"])("203.0.113.9")).toBe(true);
    expect(createAllowList(["10.0.0.1/32"])("10.0.0.2")).toBe(false);
    expect(createAllowList(["::/0"])("fe80::1")).toBe(true);
    expect(createAllowList(["2001:db8::1/128"])("2001:db8::2")).toBe(false);
  });

  test("holds no address of the other family", () => {
    expect(createAllowList(["::/0"])("10.0.0.1")).toBe(false);
    expect(createAllowList(["::/0"])("::ffff:10.0.0.1")).toBe(false);
    expect(createAllowList(["0.0.0.0/0"])("::1")).toBe(false);
  });

  test("holds exactly the addresses that share the network's first bits", () => {
    const address = fc.nat({ max: 2 ** 32 - 1 });
    const text = (value: number) => [24, 16, 8, 0].map((shift) => String((value >>> shift) & 255)).join(".");
    const start = (value: number, prefix: number) =>
      prefix === 0 ? 0 : ((value >>> (32 - prefix)) << (32 - prefix)) >>> 0;
    const cases = fc.record({
      network: address,
      prefix: fc.nat({ max: 32 }),
      other: address,
      near: fc.nat({ max: 300 }),
    });
    fc.assert(
      fc.property(cases, ({ network, prefix, other, near }) => {
        const entry = `${text(start(network, prefix))}/${String(prefix)}`;
        expect(networkProblem(entry)).toBeUndefined();
        const isListed = createAllowList([entry]);
        for (const value of [network, other, (network + near) % 2 ** 32]) {
          expect(isListed(text(value))).toBe(start(value, prefix) === start(network, prefix));
        }
      }),
    );
  });
});

describe("an entry", () => {
  test.each([
    "010.0.0.1",
    "1.2.3",
    "10.0.0.0/33",
    "10.0.0.0/08",
    "10.0.0.0/+8",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "10.0.0.0/255.0.0.0",
    "10.0.0.0/",
    "::1/129",
    "::ffff:10.0.0.0/95",
    "",
    "/",
    "/8",
    " 10.0.0.1",
    "10.0.0.1 ",
    "10.0.0.0 /8",
    "10.0.0.0/ 8",
    "10. 0.0.1",
    "10.0.0.1\n",
    "localhost",
    "erp.example",
    "*",
    "10.0.0.1:80",
    "[::1]",
    "[::1]:80",
    "::1%lo",
    "fe80::1%eth0",
    "0x0a.0.0.1",
    "167772161",
    "１.2.3.4",
    "1::2::3",
  ])("is not «%s»", (entry) => {
    expect(networkProblem(entry)).toBe("must be an address or a network such as 10.0.0.0/24");
    expect(() => createAllowList([entry])).toThrow();
  });

  test.each([
    ["10.0.0.5/24", "10.0.0.0/24"],
    ["10.0.0.5/0", "0.0.0.0/0"],
    ["192.168.1.1/31", "192.168.1.0/31"],
    ["::ffff:10.0.0.5/120", "10.0.0.0/24"],
    ["2001:db8::1/32", "2001:db8::/32"],
    ["2001:db8:ffff::/33", "2001:db8:8000::/33"],
    ["::1/0", "::/0"],
  ])("%s names the network %s that it may mean", (entry, network) => {
    expect(networkProblem(entry)).toBe(`must be ${network}, as ${entry} has host bits set`);
    expect(networkProblem(network)).toBeUndefined();
  });

  test("whatever it is, it is judged without an error, and what is judged good makes a list", () => {
    const part = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ unit: "binary", maxLength: 20 }));
    const size = fc.oneof(
      fc.constant(""),
      fc.integer({ min: -1, max: 130 }).map((bits) => `/${String(bits)}`),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.tuple(part, size), ([address, bits]) => {
        const entry = address + bits;
        if (networkProblem(entry) === undefined) createAllowList([entry]);
        if (addressProblem(entry) === undefined) expect(networkProblem(entry)).toBeUndefined();
      }),
    );
  });

  test("of proxies is a single address", () => {
    expect(["10.0.0.2", "::ffff:10.0.0.2", "::1"].map(addressProblem)).toEqual([undefined, undefined, undefined]);
    for (const entry of ["10.0.0.0/24", "10.0.0.2/32", "", "proxy", "::1%lo"]) {
      expect(addressProblem(entry), entry).toBe("must be an address such as 10.0.0.2");
    }
  });
});

test("an address has one spelling", () => {
  const spellings = fc.ipV6().map((address) => [address, address.toUpperCase()]);
  fc.assert(
    fc.property(spellings, ([one = "", other = ""]) => {
      const canonical = canonicalAddress(one);
      expect(canonicalAddress(other)).toBe(canonical);
      expect(canonicalAddress(canonical ?? "")).toBe(canonical);
    }),
  );
});
