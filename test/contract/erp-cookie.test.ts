import { describe, expect, test } from "vitest";
import { ask, tokenIn } from "../support/erp-ask.ts";
import { openErp } from "../support/erp-system.ts";

const PUBLIC = "https://erp.hotel.example";
const BY_PROXY = { "x-forwarded-for": "192.0.2.7" };
const FORM = { name: "A", email: "a@x.example", password: "a long password" };

describe("the cookie", () => {
  type Case = [what: string, publicUrl: string | undefined, headers: Record<string, string>, cookie: RegExp];
  test.for<Case>([
    ["on the loopback", undefined, {}, /^__Host-katlai-user=[\w-]{43}; .*; Secure$/],
    ["under localhost", undefined, { host: "localhost:8000" }, /^__Host-katlai-user=.+; Secure$/],
    ["on https", PUBLIC, { host: "erp.hotel.example" }, /^__Host-katlai-user=.+; Secure$/],
    ["behind https", undefined, { ...BY_PROXY, "x-forwarded-proto": "https" }, /^__Host-katlai-user=.+; Secure$/],
    ["behind http", undefined, BY_PROXY, /^katlai-user=.+; SameSite=Strict$/],
    ["on http", PUBLIC.replace("https", "http"), { host: "erp.hotel.example" }, /^katlai-user=.+; SameSite=Strict$/],
  ])("%s is as strict as it can be, and is taken back", async ([, publicUrl, headers, shape]) => {
    await using erp = await openErp({ publicUrl });
    const entered = await ask(erp.setUpUrl() ?? "", { method: "POST", headers, form: FORM });
    const cookie = String(entered.headers["set-cookie"]);
    expect(cookie).toMatch(shape);
    expect(cookie).toContain("; Path=/; Max-Age=28800; HttpOnly; SameSite=Strict");
    expect(cookie).not.toContain("Domain");
    const signedIn = { ...headers, cookie: entered.cookie };
    const account = await ask(`${erp.url}/account`, { headers: signedIn });
    expect(account.status).toBe(200);
    const left = await ask(`${erp.url}/sign-out`, {
      method: "POST",
      headers: signedIn,
      form: { token: tokenIn(account.text) },
    });
    expect(String(left.headers["set-cookie"])).toMatch(/^(__Host-)?katlai-user=; Path=\/; Max-Age=0; HttpOnly/);
  });

  test("under its plain name is nobody's where it could have a better one", async () => {
    await using erp = await openErp();
    const { cookie } = await ask(erp.setUpUrl() ?? "", { method: "POST", form: FORM });
    const plain = cookie.replace("__Host-", "");
    expect((await ask(`${erp.url}/account`, { headers: { cookie: plain } })).status).toBe(303);
    expect((await ask(`${erp.url}/account`, { headers: { cookie } })).status).toBe(200);
  });
});

describe("behind a proxy", () => {
  test.for<[origin: string, status: number]>([
    [PUBLIC, 303],
    ["https://evil.example", 403],
    ["http://127.0.0.1:1", 403],
  ])("a form from %s is answered with %i, whatever the proxy makes of Host", async ([origin, status]) => {
    await using erp = await openErp({ publicUrl: PUBLIC });
    const headers = { ...BY_PROXY, "x-forwarded-host": "erp.hotel.example", origin };
    expect((await ask(erp.setUpUrl() ?? "", { method: "POST", headers, form: FORM })).status).toBe(status);
  });

  test("browsers are told to keep to https", async () => {
    await using erp = await openErp({ publicUrl: PUBLIC });
    expect((await ask(`${erp.url}/sign-in`)).headers["strict-transport-security"]).toBeDefined();
    await using local = await openErp();
    expect((await ask(`${local.url}/sign-in`)).headers["strict-transport-security"]).toBeUndefined();
  });
});
