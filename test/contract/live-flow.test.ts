import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { FlowHop, FlowSummary, SessionView } from "../../device-db/contract.ts";
import { MAX_STREAMS } from "../../device-db/flow-streams.ts";
import { lockForWriting } from "../support/delivery-system.ts";
import { OPERATOR_KEY, openDeviceDb } from "../support/device-db-system.ts";
import { OTHER_SERIAL, SERIAL } from "../support/devices.ts";
import { openEventStream } from "../support/event-stream.ts";
import { eventually } from "../support/eventually.ts";
import { openFaultErp } from "../support/fault-erp.ts";
import { hopsIn, openTellers, stepsOf } from "../support/told-sessions.ts";

const AS_OPERATOR = { authorization: `Bearer ${OPERATOR_KEY}` };
const HOPS_OF_A_SESSION = 12;

type Events = Awaited<ReturnType<typeof openEventStream>>["events"];

const arrived = (events: Events, count: number) => eventually(() => expect(events).toHaveLength(count));

async function openHotel(options: Parameters<typeof openDeviceDb>[0] = {}) {
  await using opening = new AsyncDisposableStack();
  const erp = opening.use(await openFaultErp());
  const deviceDb = opening.use(await openDeviceDb({ erpUrl: erp.url, ...options }));
  const tellers = opening.use(await openTellers(deviceDb));
  const owned = opening.move();
  const watch = (query = "", headers = {}) => openEventStream(`${deviceDb.url}/api/flow${query}`, headers);
  const list = async (query = "") => {
    const { data } = (await (await deviceDb.get(`/api/flows${query}`)).json()) as { data: FlowSummary[] };
    return data;
  };
  /** The delivery is done with, and the guest told. */
  const settled = (id: string, state: string) =>
    eventually(async () => {
      const { hops } = (await (await deviceDb.get(`/api/sessions/${id}`)).json()) as SessionView;
      const ends = [`device database: ${state}`, "bot: command confirmed"];
      expect(stepsOf(hops)).toEqual(expect.arrayContaining(ends));
    });
  return { erp, deviceDb, ...tellers, watch, list, settled, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

describe("the live flow", () => {
  test("shows each hop of a session within 100 ms after it happened", async () => {
    await using hotel = await openHotel();
    await using stream = await hotel.watch();
    expect(stream.response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const slowest: number[] = [];
    for (let n = 1; n <= 7; n++) {
      const id = await hotel.takeSession();
      await arrived(stream.events, n * HOPS_OF_A_SESSION);
      const shown = stream.events.slice(-HOPS_OF_A_SESSION);
      expect(new Set(hopsIn(shown).map(({ flowId }) => flowId))).toEqual(new Set([id]));
      slowest.push(Math.max(...shown.map(({ at, data }) => at - Date.parse((data as FlowHop).at))));
    }
    // On a busy machine one may be late by itself.
    expect(slowest.toSorted((a, b) => a - b)[3]).toBeLessThanOrEqual(100);
    expect(new Set(stream.events.map(({ event }) => event))).toEqual(new Set(["hop"]));
    const numbers = hopsIn(stream.events).map(({ n }) => n);
    expect(stream.events.map(({ id }) => Number(id))).toEqual(numbers);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });

  test("shows nothing that is not on disk", async () => {
    await using hotel = await openHotel();
    await using stream = await hotel.watch();
    using lock = lockForWriting(hotel.deviceDb.file);
    await hotel.told({ sessionId: "s1", step: "started" });
    await delay(200);
    lock.release();
    await hotel.told({ sessionId: "s2", step: "started" });
    await arrived(stream.events, 1);
    expect(hopsIn(stream.events)).toMatchObject([{ flowId: "s2", name: "chat opened" }]);
    expect(hotel.deviceDb.rows("SELECT id FROM hops JOIN flows ON flows.n = flow")).toEqual([{ id: "s2" }]);
  });

  test("goes on after the last hop that somebody saw, with none lost and none twice", async () => {
    await using hotel = await openHotel();
    await using before = await hotel.watch();
    await hotel.takeSession();
    await arrived(before.events, HOPS_OF_A_SESSION);
    const last = before.events[4]?.id ?? "";
    await hotel.takeSession();
    await arrived(before.events, 2 * HOPS_OF_A_SESSION);
    await hotel.deviceDb.restart();
    await using again = await hotel.watch("", { "last-event-id": last });
    await using tellers = await openTellers(hotel.deviceDb);
    await tellers.takeSession();
    const missed = before.events.slice(5);
    await arrived(again.events, missed.length + HOPS_OF_A_SESSION);
    expect(hopsIn(again.events).slice(0, missed.length)).toEqual(hopsIn(missed));
    const numbers = hopsIn(again.events).map(({ n }) => n);
    expect(numbers).toEqual(numbers.map((_, at) => Number(last) + 1 + at));
  });

  test("shows all of one flow to who knows none of it", async () => {
    await using hotel = await openHotel();
    await hotel.takeSession();
    const id = await hotel.takeSession();
    await using early = await hotel.watch(`?flow=${id}&after=0`);
    await arrived(early.events, HOPS_OF_A_SESSION);
    expect(stepsOf(hopsIn(early.events))).toContain("device database: delivered");
    await hotel.takeSession();
    await hotel.told({ sessionId: id, step: "expired" });
    await arrived(early.events, HOPS_OF_A_SESSION + 1);
    expect(new Set(hopsIn(early.events).map(({ flowId }) => flowId))).toEqual(new Set([id]));
  });

  test("can be narrowed to a device, and to what failed", async () => {
    await using hotel = await openHotel();
    await using ofDevice = await hotel.watch(`?serial=${SERIAL}`);
    await using ofOther = await hotel.watch(`?serial=${OTHER_SERIAL}`);
    await using failed = await hotel.watch("?failed=1");
    hotel.erp.script.push("rejected");
    await hotel.takeSession();
    await hotel.told({ sessionId: "s2", step: "started" }, OTHER_SERIAL);
    await arrived(ofOther.events, 1);
    await arrived(ofDevice.events, HOPS_OF_A_SESSION);
    expect(stepsOf(hopsIn(failed.events))).toEqual(["ERP: answered", "device database: dead"]);
    expect(hopsIn(ofOther.events)).toMatchObject([{ flowId: "s2", serial: OTHER_SERIAL }]);
  });

  test.for(["?failed=yes", "?after=-1", "?after=x", "?hop=1"])("is not asked for with %s", async (query) => {
    await using hotel = await openHotel();
    const answer = await hotel.deviceDb.get(`/api/flow${query}`);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([422, "application/problem+json"]);
    await answer.body?.cancel();
  });

  test.for(["1e3", "abc", "", "99999999999999999999", "-1"])(
    "begins with the next hop for who says that %j was the last",
    async (last) => {
      await using hotel = await openHotel();
      const id = await hotel.takeSession();
      await hotel.settled(id, "delivered");
      await using stream = await hotel.watch("", { "last-event-id": last });
      await hotel.told({ sessionId: "s2", step: "started" });
      await arrived(stream.events, 1);
      expect(hopsIn(stream.events)).toMatchObject([{ flowId: "s2" }]);
    },
  );

  test("has room for so many and says so; a place that becomes free is given again", async () => {
    await using hotel = await openHotel();
    await using streams = new AsyncDisposableStack();
    for (let n = 1; n < MAX_STREAMS; n++) streams.use(await hotel.watch());
    const last = await hotel.watch();
    const refused = await hotel.deviceDb.get("/api/flow");
    expect([refused.status, await refused.json()]).toMatchObject([503, { detail: expect.stringMatching(/\.$/) }]);
    await last[Symbol.asyncDispose]();
    await eventually(async () => {
      await using next = await hotel.watch();
      expect(next.response.status).toBe(200);
    });
  });

  test("ends at once when the device database does", async () => {
    await using hotel = await openHotel();
    await using stream = await hotel.watch();
    const began = performance.now();
    await hotel.deviceDb.restart();
    await stream.ended;
    expect(performance.now() - began).toBeLessThan(1_500);
    expect(stream.text()).toBe("retry: 1000\n\n");
  });

  test("needs the operator's key where it is public", async () => {
    await using hotel = await openHotel({ publicUrl: "https://scent.hotel.example" });
    for (const path of ["/api/flow", "/api/flows"]) expect((await hotel.deviceDb.get(path)).status).toBe(401);
    await using stream = await hotel.watch("", AS_OPERATOR);
    expect(stream.response.status).toBe(200);
    expect((await hotel.deviceDb.get("/api/flows", AS_OPERATOR)).status).toBe(200);
  });
});

describe("the list of flows", () => {
  test("begins with the newest, says how each stands, and goes on page by page", async () => {
    await using hotel = await openHotel();
    const first = await hotel.takeSession();
    await hotel.settled(first, "delivered");
    hotel.erp.script.push("rejected");
    const second = await hotel.takeSession();
    await hotel.settled(second, "dead");
    await hotel.command({ id: "c1", scent: "fire" });
    await eventually(async () => expect(await hotel.list()).toHaveLength(3));
    const rows = await hotel.list();
    const room = "Room 101";
    expect(rows).toMatchObject([
      { id: "c1", serial: SERIAL, room, state: "command", answer: null, scent: "fire", ok: true },
      { id: second, serial: SERIAL, room, state: "ended", answer: "b", scent: "wood", ok: false },
      { id: first, serial: SERIAL, room, state: "ended", answer: "b", scent: "wood", ok: true },
    ]);
    expect(stepsOf([rows[0]?.lastHop, rows[2]?.lastHop].filter((hop) => hop != null))).toEqual([
      "broker: command handed on",
      expect.stringMatching(/^(device database: delivered|bot: command confirmed)$/),
    ]);
    expect(rows.every(({ startedAt }) => Math.abs(Date.parse(startedAt) - Date.now()) < 60_000)).toBe(true);
    const ids = async (query: string) => (await hotel.list(query)).map(({ id }) => id);
    expect(await ids("?limit=2")).toEqual(["c1", second]);
    expect(await ids(`?limit=2&before=${second}`)).toEqual([first]);
    expect(await ids("?before=unknown")).toEqual([]);
    expect(await ids(`?serial=${SERIAL}`)).toEqual(["c1", second, first]);
    expect(await ids(`?serial=${OTHER_SERIAL}`)).toEqual([]);
    expect(await ids("?failed=1")).toEqual([second]);
    expect(await ids(`?q=${second.slice(0, -1)}`)).toEqual([second]);
    expect(await ids("?q=FIRE")).toEqual(["c1"]);
    expect(await ids("?q=room%20101")).toEqual(["c1", second, first]);
    expect(await ids("?q=%25")).toEqual([]);
    expect(await ids("?q=")).toEqual(["c1", second, first]);
  });

  test.for(["?limit=0", "?limit=201", "?limit=x", "?failed=0", "?state=x"])(
    "is not asked for with %s",
    async (query) => {
      await using hotel = await openHotel();
      expect((await hotel.deviceDb.get(`/api/flows${query}`)).status).toBe(422);
    },
  );
});
