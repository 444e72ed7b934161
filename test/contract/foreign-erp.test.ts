import nock from "nock";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openDeliverySystem } from "../support/delivery-system.ts";
import { SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";

const ERP_URL = "https://katlai.aizent.com";
const POC_REQUEST = `/device/switch?serial=${SERIAL}&submit=&status=checkin&scent=wood`;

beforeAll(() => nock.disableNetConnect());
afterEach(() => nock.cleanAll());
afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

/** The ERP at its public address; the result collects what it is asked. */
function foreignErp(status: number, body: object) {
  const requests: { line: string; headers: Record<string, string> }[] = [];
  const scope = nock(ERP_URL)
    .get(() => true)
    .reply(status, body, { "content-type": "application/json" });
  scope.on("request", ({ method, url, headers }: Request) => {
    requests.push({ line: `${method} ${url}`, headers: Object.fromEntries(headers) });
  });
  return requests;
}

test("a foreign ERP gets the proof of concept's request, byte for byte, at its public address", async () => {
  const timestamp = "2026-03-01T12:00:00.000Z";
  const requests = foreignErp(200, {
    message: "Device check-in successful",
    serial: SERIAL,
    status: "checkin",
    timestamp,
  });
  await using system = await openDeliverySystem({ url: ERP_URL, concurrency: 4, rate: 20 });
  const id = await system.report();
  await system.reach("delivered");
  expect(requests).toEqual([
    {
      line: `GET ${ERP_URL}${POC_REQUEST}`,
      headers: {
        host: "katlai.aizent.com",
        connection: "close",
        accept: "application/json",
        "cache-control": "no-store",
        "idempotency-key": id,
        // The trace of an event without a session has the event's id.
        traceparent: expect.stringContaining(id.replaceAll("-", "")) as string,
      },
    },
  ]);
});

test("a delivery that a foreign ERP does not let in waits, and its key is not given away", async () => {
  const requests = foreignErp(403, { error: "Your address is not on the list" });
  await using system = await openDeliverySystem({ url: ERP_URL, apiKey: "only-for-reading-back" });
  await system.report();
  await eventually(() => expect(system.deliveries()).toMatchObject([{ state: "pending", attempts: 1 }]));
  expect(requests).toHaveLength(1);
  expect(JSON.stringify(requests)).not.toContain("only-for-reading-back");
});
