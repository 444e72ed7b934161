import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { beginChat } from "../support/chat-guest.ts";
import { connectPod, newEvent, openDeviceDb } from "../support/device-db-system.ts";
import { eventually } from "../support/eventually.ts";
import { deliveredSession, openKit } from "../support/kit.ts";

const DOCUMENT = join(import.meta.dirname, "../../docs/metrics.md");
const EVERY = "Every service";
const SECTIONS = { bot: "Bot", deviceDb: "Device database", deviceSim: "Simulated pods", erp: "ERP" } as const;

type Figure = { name: string; type: string; labels: string };

/** The rows of a section's table. */
function documented(markdown: string, section: string): Figure[] {
  const [, text = ""] = markdown.split(`\n## ${section}\n`);
  const rows = (text.split("\n## ")[0] ?? "").matchAll(/^\| `(\w+)` \| (\w+) \| (.*?) ?\| /gm);
  return [...rows].map(([, name = "", type = "", labels = ""]) => ({ name, type, labels: labels.replaceAll("`", "") }));
}

/** What a service tells, with the names of the labels of its first sample. */
function told(text: string): Figure[] {
  return [...text.matchAll(/^# TYPE (\w+) (\w+)\n\w+(?:\{(.*?)\})? /gm)].map(
    ([, name = "", type = "", labels = ""]) => ({
      name,
      type,
      labels: [...labels.matchAll(/(\w+)="/g)].map(([, label]) => label).join(", "),
    }),
  );
}

function samplesOf(text: string): Record<string, number> {
  const samples = text.matchAll(/^(\w+(?:\{.*\})?) (\S+)$/gm);
  return Object.fromEntries([...samples].map(([, name = "", value]) => [name, Number(value)]));
}

const byName = (a: Figure, b: Figure) => a.name.localeCompare(b.name);

test("each service tells the figures that the document names, and no others", async () => {
  await using kit = await openKit("safe");
  const guest = await beginChat(kit.launchUrl);
  await guest.say("wood");
  await deliveredSession(kit, guest.id);
  const markdown = await readFile(DOCUMENT, "utf8");
  const every = documented(markdown, EVERY);
  expect(every.length).toBeGreaterThan(5);

  for (const part of ["bot", "deviceDb", "deviceSim", "erp"] as const) {
    const text = await (await fetch(`${kit.urls[part]}/metrics`)).text();
    const own = documented(markdown, SECTIONS[part]);
    expect(told(text).toSorted(byName), part).toEqual([...every, ...own].toSorted(byName));
  }
});

test("a name tells its unit, and a counter that it is one", async () => {
  const markdown = await readFile(DOCUMENT, "utf8");
  const all = [EVERY, ...Object.values(SECTIONS)].flatMap((section) => documented(markdown, section));
  const counters = all.filter(({ type }) => type === "counter").map(({ name }) => name);
  expect(all.map(({ name }) => name).filter((name) => name.endsWith("_total"))).toEqual(counters);
  expect(all.filter(({ name }) => /_(ms|millis\w*|kb|mb)(_|$)/.test(name))).toEqual([]);
});

test("the figures of the deliveries add up", async () => {
  await using kit = await openKit("safe");
  const guest = await beginChat(kit.launchUrl);
  await guest.say("wood");
  await deliveredSession(kit, guest.id);
  const text = await (await fetch(`${kit.urls.deviceDb}/metrics`)).text();
  expect(samplesOf(text)).toMatchObject({
    'device_db_deliveries{state="delivered"}': 1,
    'device_db_deliveries{state="pending"}': 0,
    device_db_deliveries_created_total: 1,
    device_db_delivery_lag_seconds: 0,
    'device_db_erp_calls_total{proof="delivered"}': 1,
    'device_db_erp_calls_total{proof="ambiguous"}': 0,
    'device_db_erp_breaker{state="closed"}': 1,
    'device_db_erp_breaker{state="open"}': 0,
    device_db_lanes_paused: 0,
    device_db_broker_connections: 2,
    'device_db_broker_refusals_total{what="connect"}': 0,
    device_db_flow_listeners: 0,
  });
  expect(text).toMatch(/^http_requests_total\{code="2xx"\} [1-9]\d*$/m);
});

test("an open delivery makes a lag, and who looks at the live flow is counted", async () => {
  await using deviceDb = await openDeviceDb();
  await using pod = await connectPod(deviceDb.mqttUrl);
  await pod.report(newEvent());
  // Named until the end: a response that nobody holds is closed with the next garbage collection.
  const live = await fetch(`${deviceDb.url}/api/flow`);
  const samples = async () => samplesOf(await (await deviceDb.get("/metrics")).text());
  await eventually(async () => {
    const now = await samples();
    expect(now).toMatchObject({ device_db_deliveries_created_total: 1, device_db_flow_listeners: 1 });
    expect(now["device_db_delivery_lag_seconds"]).toBeGreaterThan(0.2);
    expect(now['device_db_erp_calls_total{proof="not-sent"}']).toBeGreaterThan(0);
  });
  await live.body?.cancel();
  await eventually(async () => expect(await samples()).toMatchObject({ device_db_flow_listeners: 0 }));
});
