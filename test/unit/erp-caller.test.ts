import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { admitCaller, callerAddress, looksLikeBrowser } from "../../erp-stub/caller.ts";
import { HttpError } from "../../plumbing/http-reply.ts";
import { type HttpRequest, readRequest } from "../../plumbing/http-request.ts";

const ALLOWED = ["127.0.0.1", "10.1.2.0/24", "2001:db8::/32", "::1"];

/** A request as the server reads it, from an address that no test machine has. */
function requestFrom(remoteAddress: string, headers: Record<string, string> = {}): HttpRequest {
  return { ...requestWith(headers), remoteAddress };
}

function requestWith(headers: Record<string, string>): HttpRequest {
  const req = { headers, socket: {}, url: "/" };
  return readRequest(req as never, {} as never);
}

const refusalOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof HttpError && error.status === 403) return error.message;
    throw error;
  }
  throw new Error("It was not refused.");
};

const PROXIES = ["10.0.0.2", "2001:db8::2"];
const addressOf = callerAddress(() => PROXIES);

describe("whose a call is", () => {
  test.each([
    ["10.9.9.9", "10.9.9.9"],
    ["::ffff:10.9.9.9", "10.9.9.9"],
    ["fe80::1%eth0", "fe80::1"],
    ["10.0.0.2", "10.0.0.2"],
    ["", ""],
  ])("from the peer «%s» it is %s's", (peer, expected) => {
    expect(addressOf(requestFrom(peer))).toBe(expected);
  });

  test.each([
    ["10.9.9.9", "10.9.9.9"],
    ["::ffff:a09:909", "10.9.9.9"],
    ["2001:DB8::9", "2001:db8::9"],
    ["1.1.1.1, 10.9.9.9", "10.9.9.9"],
    ["not an address, 10.9.9.9", "10.9.9.9"],
    ["10.9.9.9, 2001:db8::2, ::ffff:10.0.0.2", "10.9.9.9"],
    ["1.1.1.1,10.9.9.9 ,2001:db8::2", "10.9.9.9"],
    ["10.0.0.2, 2001:db8::2", "10.0.0.2"],
  ])("a proxy of ours that forwards for «%s» brings that of %s", (chain, expected) => {
    expect(addressOf(requestFrom("10.0.0.2", { "x-forwarded-for": chain }))).toBe(expected);
    expect(addressOf(requestFrom("::ffff:10.0.0.2", { "x-forwarded-for": chain }))).toBe(expected);
  });

  test.each(["", "unknown", "10.9.9.9,", "10.9.9.9:80", "[::1]", "_hidden", "10.9.9.9 10.0.0.2", "10.9.9.9/32"])(
    "a proxy of ours that forwards for «%s» is refused",
    (chain) => {
      const refusal = refusalOf(() => addressOf(requestFrom("10.0.0.2", { "x-forwarded-for": chain })));
      expect(refusal).toBe("The proxy's X-Forwarded-For does not tell whose call this is.");
    },
  );

  test("a proxy of ours that tells it in another way is refused", () => {
    const refusal = refusalOf(() => addressOf(requestFrom("10.0.0.2", { forwarded: "for=10.9.9.9" })));
    expect(refusal).toContain("X-Forwarded-For");
  });

  test.each(["x-forwarded-for", "forwarded", "via", "x-real-ip", "x-forwarded-host"])(
    "a stranger that sends %s is refused",
    (name) => {
      expect(refusalOf(() => addressOf(requestFrom("10.0.0.3", { [name]: "10.0.0.2" })))).toBe(
        "10.0.0.3 forwarded this call for somebody else: name it in ERP_PROXIES to believe it.",
      );
    },
  );
});

describe("who is admitted", () => {
  const admit = admitCaller({ allow: () => ALLOWED, proxies: () => PROXIES });

  test("is told with the address", () => {
    expect(admit(requestFrom("::ffff:127.0.0.1"))).toEqual({ address: "127.0.0.1" });
    expect(admit(requestFrom("10.0.0.2", { "x-forwarded-for": "10.1.2.3" }))).toEqual({ address: "10.1.2.3" });
  });

  test("is neither a stranger nor a proxy for one", () => {
    const sentence = "10.9.9.9 may not call this address: add it in the settings or to ERP_ALLOW.";
    expect(refusalOf(() => admit(requestFrom("10.9.9.9")))).toBe(sentence);
    expect(refusalOf(() => admit(requestFrom("10.0.0.2", { "x-forwarded-for": "10.1.2.3, 10.9.9.9" })))).toBe(sentence);
  });

  test("is no browser", () => {
    expect(refusalOf(() => admit(requestFrom("127.0.0.1", { accept: "text/html" })))).toContain("refuses browsers");
  });

  test("follows the lists as they are, even if they are changed in place", () => {
    let allow: string[] = ["127.0.0.1"];
    const proxies: string[] = [];
    const admitNow = admitCaller({ allow: () => allow, proxies: () => proxies });
    const forwarded = requestFrom("10.0.0.2", { "x-forwarded-for": "10.9.9.9" });
    expect(refusalOf(() => admitNow(forwarded))).toContain("ERP_PROXIES");
    proxies.push("10.0.0.2");
    expect(refusalOf(() => admitNow(forwarded))).toContain("ERP_ALLOW");
    allow = ["10.9.9.0/24"];
    expect(admitNow(forwarded)).toEqual({ address: "10.9.9.9" });
    allow[0] = "127.0.0.1";
    expect(refusalOf(() => admitNow(forwarded))).toContain("ERP_ALLOW");
  });
});

test("two headers of one name are one chain, as Node reads them", async () => {
  const chains: (string | undefined)[] = [];
  await using server = createServer((req, res) => {
    chains.push(readRequest(req, res).header("x-forwarded-for"));
    res.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? String(address?.port) : "";
  const headers = [
    ["x-forwarded-for", "1.1.1.1"],
    ["x-forwarded-for", "10.9.9.9"],
  ] satisfies [string, string][];
  await fetch(`http://127.0.0.1:${port}/`, { headers });
  expect(chains).toEqual(["1.1.1.1, 10.9.9.9"]);
});

test.each<[Record<string, string>, boolean]>([
  [{}, false],
  [{ accept: "*/*", "sec-fetch-mode": "cors", "user-agent": "node" }, false],
  [{ accept: "application/json" }, false],
  [{ purpose: "booking" }, false],
  [{ origin: "" }, true],
  [{ "sec-fetch-site": "same-origin" }, true],
  [{ "sec-purpose": "prefetch" }, true],
  [{ purpose: "PREFETCH" }, true],
  [{ accept: "application/json, Text/HTML;q=0.1" }, true],
  [{ accept: "image/webp" }, true],
])("headers %j look like a browser's: %s", (headers, expected) => {
  expect(looksLikeBrowser((name) => headers[name])).toBe(expected);
});
