import { describe, expect, test } from "vitest";
import { openErp } from "../support/erp-system.ts";

type Document = { paths: Record<string, Record<string, { security: object[] }>> };

async function read({ url }: { url: string }): Promise<Document> {
  return (await (await fetch(`${url}/openapi.json`)).json()) as Document;
}

test("each operation of the document is there, and asks for a key where the document says so", async () => {
  await using erp = await openErp();
  const { paths } = await read(erp);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => ({
      path: path.replaceAll(/\{\w+\}/g, "1"),
      method,
      security,
    })),
  );
  expect(operations.length).toBeGreaterThan(80);
  for (const { path, method, security } of operations) {
    const { status } = await fetch(erp.url + path, { method: method.toUpperCase() });
    expect([method, path, status]).toEqual([method, path, security.length > 0 ? 401 : 422]);
  }
});

test("without faults on demand there is no word of them", async () => {
  await using erp = await openErp({ faults: false });
  expect(Object.keys((await read(erp)).paths).filter((path) => path.includes("fault"))).toEqual([]);
  expect(await (await fetch(`${erp.url}/docs`)).text()).not.toContain("/api/faults");
});

describe("the page", () => {
  test("is there for everybody and has each operation, with nothing that the policy forbids", async () => {
    await using erp = await openErp();
    const answer = await fetch(`${erp.url}/docs`);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
    const text = await answer.text();
    expect(text).not.toMatch(/ style=| on\w+=|<style|<script/);
    const { paths } = await read(erp);
    for (const [path, methods] of Object.entries(paths)) {
      for (const method of Object.keys(methods))
        expect(text).toContain(`<span class="method ${method}">${method.toUpperCase()}</span> <code>${path}</code>`);
    }
    expect(text.length).toBeLessThan(500_000);
    expect(text).toContain('<a href="/openapi.json">');
  });

  test("leads to each of its parts", async () => {
    await using erp = await openErp();
    const text = await (await fetch(`${erp.url}/docs`)).text();
    const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    const links = [...text.matchAll(/ href="#([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(links.length).toBeGreaterThan(15);
    expect(links.filter((id) => !ids.includes(id))).toEqual([]);
  });

  test("shows calls as they can be made from where it is read, and Katlai’s own as they are", async () => {
    await using erp = await openErp();
    const byProxy = await fetch(`${erp.url}/docs`, { headers: { "x-forwarded-proto": "https" } });
    const local = await byProxy.text();
    expect(local).toContain(
      `curl &quot;${erp.url.replace("http:", "https:")}/device/switch?serial=dev-0001&amp;status`,
    );
    for (const origin of [erp.url, erp.url.replace("127.0.0.1", "localhost")]) {
      expect(await (await fetch(`${origin}/docs`)).text()).toContain(`curl -X POST &quot;${origin}/api/rooms&quot;`);
    }
    expect(local).toContain(
      "GET katlai.aizent.com/device/switch?serial=dev-0001&amp;status=checkin&amp;scent=wood&amp;start_time",
    );
    expect(local).toContain(
      "{ &quot;message&quot;: &quot;Device check-in successful&quot;, &quot;serial&quot;: &quot;dev-0001&quot;",
    );
  });
});
