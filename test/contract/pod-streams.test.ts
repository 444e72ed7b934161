import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { openPodStreams } from "../../device-sim/pod-streams.ts";
import { systemClock } from "../../plumbing/clock.ts";
import { SERIAL } from "../support/devices.ts";
import { openEventStream } from "../support/event-stream.ts";
import { eventually } from "../support/eventually.ts";
import { openLogBook } from "../support/log-book.ts";
import { openPods } from "../support/pod-system.ts";

const NO_BROKER = "mqtt://127.0.0.1:9";
const MAX_STREAMS = 64;

test("programs and pages see a pod as it changes, and nothing again that they have seen", async () => {
  await using pods = await openPods(NO_BROKER, { serials: [SERIAL] });
  await using stream = await openEventStream(`${pods.url()}/api/pods/${SERIAL}/live`);
  await eventually(() => expect(stream.events).toMatchObject([{ event: "pod", data: { serial: SERIAL } }]));
  expect(stream.response.headers.get("content-type")).toContain("text/event-stream");
});

test("so many may look and no more, and each that leaves makes room", async () => {
  await using pods = await openPods(NO_BROKER, { serials: [SERIAL] });
  const look = () => openEventStream(`${pods.url()}/api/pods/${SERIAL}/live`);
  const lookers = await Promise.all(Array.from({ length: MAX_STREAMS }, look));
  const refused = await fetch(`${pods.url()}/api/pods/${SERIAL}/live`);
  expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining("64 others look already")]);
  await lookers[0]?.[Symbol.asyncDispose]();
  await eventually(async () => {
    await using another = await look();
    expect(another.response.status).toBe(200);
  });
  for (const looker of lookers) await looker[Symbol.asyncDispose]();
});

test("through a proxy nobody sees a pod without the key", async () => {
  await using pods = await openPods(NO_BROKER, { serials: [SERIAL] });
  for (const path of ["/api/pods", `/api/pods/${SERIAL}`, `/api/pods/${SERIAL}/live`]) {
    const answer = await fetch(pods.url() + path, { headers: { "x-forwarded-for": "10.0.0.7" } });
    expect([path, answer.status]).toEqual([path, 401]);
    await answer.body?.cancel();
  }
});

test("what cannot be told ends the stream of who asked for it, and no other", async () => {
  const { log, alerts } = openLogBook();
  const streams = openPodStreams(() => undefined, { clock: systemClock, log });
  onTestFinished(() => streams.close());
  let isBroken = false;
  const server = createServer((request, res) =>
    streams.open(res, SERIAL, () => {
      if (isBroken && request.url === "/odd") throw new RangeError("Invalid time zone");
      return { event: "page", data: { n: Math.random() } };
    }),
  ).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  await using odd = await openEventStream(`${url}/odd`);
  await using usual = await openEventStream(`${url}/usual`);
  isBroken = true;
  streams.changed(SERIAL);
  await odd.ended;
  const before = usual.events.length;
  streams.changed(SERIAL);
  await eventually(() => expect(usual.events.length).toBeGreaterThan(before));
  expect(alerts()).toEqual(["pod not told of"]);
});
