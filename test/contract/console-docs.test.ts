import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { POD_TOPICS, podTopic } from "../../device-sim/contract.ts";
import { OPERATOR_KEY, openDeviceDb } from "../support/device-db-system.ts";

const KEPT = readFileSync(new URL("../../docs/asyncapi.json", import.meta.url), "utf8");
const PUBLIC = "https://scent.hotel.example";
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

describe("the page of the MQTT contract", () => {
  test("shows each topic with how it is sent, its fields and what is really said", async () => {
    await using system = await openDeviceDb();
    const answer = await system.get("/docs");
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    const sections = (await answer.text()).split('<section class="card topic"').slice(1);
    expect(sections).toHaveLength(Object.keys(POD_TOPICS).length);
    for (const [name, { payload, retained }] of Object.entries(POD_TOPICS)) {
      const section = sections.find((one) => one.includes(podTopic("{serial}", name as keyof typeof POD_TOPICS))) ?? "";
      const direction = name.startsWith("up/") ? "from the device" : "to the device";
      expect(section).toContain(`<dt>Direction</dt><dd>${direction}</dd>`);
      expect(section).toContain("<dt>QoS</dt><dd>1</dd>");
      expect(section).toContain(`<dt>Retained</dt><dd>${retained ? "yes" : "no"}</dd>`);
      for (const field of Object.keys(payload.shape)) expect(section).toContain(`<code>${field}</code></th>`);
      expect(section).toMatch(/<pre tabindex="0">\{\n {2}&quot;/);
    }
  });

  test("says in order what a device has to do, and is found from the devices", async () => {
    await using system = await openDeviceDb();
    const text = await (await system.get("/docs")).text();
    const duties = [...(/<ol class="duties">.*?<\/ol>/s.exec(text)?.[0] ?? "").matchAll(/href="#([\w-]+)"/g)];
    const inOrder = duties.map(([, id]) => id);
    expect(inOrder).toEqual(["status", "state", "command", "reply", "event", "event-ack"]);
    for (const id of inOrder) expect(text).toContain(`<h2 id="${String(id)}">`);
    expect(text).toContain('<a href="/docs/asyncapi.json">');
    expect(await (await system.get("/devices")).text()).toContain('<a href="/docs">');
  });
});

test("the document itself is served as it is kept", async () => {
  await using system = await openDeviceDb();
  const answer = await system.get("/docs/asyncapi.json");
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/json; charset=utf-8"]);
  expect(await answer.text()).toBe(KEPT);
});

test("in public a program reads the document with the operator's key, and with no other", async () => {
  await using system = await openDeviceDb({ publicUrl: PUBLIC });
  expect(await (await system.get("/docs/asyncapi.json", bearer(OPERATOR_KEY))).text()).toBe(KEPT);
  expect((await system.get("/docs/asyncapi.json", bearer("guess"))).status).toBe(401);
  expect((await system.get("/docs/asyncapi.json")).url).toContain("/sign-in?next=%2Fdocs%2Fasyncapi.json");
});
