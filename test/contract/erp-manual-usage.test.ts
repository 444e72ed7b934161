import { describe, expect, test } from "vitest";
import { type Answer, add, ask, auditOf, type Body, errorsOf, patch, post, remove } from "../support/erp-api.ts";
import { listUsages } from "../support/erp-calls.ts";
import { report, type UsageLine } from "../support/erp-hotel.ts";
import { inviteColleague } from "../support/erp-office.ts";
import { at, openReported, usage } from "../support/erp-reported.ts";
import { CASES } from "../support/erp-resource-cases.ts";
import { countRows } from "../support/erp-system.ts";

const PATH = "/api/device-usages";
const REPORTED = "A device reported this usage: only those that people entered can be changed.";

const addedTo = (answer: Answer) => [answer.status, answer.headers.get("location")];

describe("a usage that a person enters", () => {
  test("is one like those that devices report, and says what it is", async () => {
    await using erp = await openReported([["01", "10:00", "11:00"]]);
    const added = await post(erp, PATH, usage("08:00", "09:30", { schedule_id: 1 }));
    const [entered, reported] = await listUsages(erp, { serial: "POD-1" });
    expect(addedTo(added)).toEqual([201, "/api/device-usages/3"]);
    expect(added.body).toEqual(entered);
    expect(entered).toEqual({
      ...reported,
      id: 3,
      source: "manual",
      checkinAt: at("01", "08:00"),
      checkoutAt: at("01", "09:30"),
      startTime: "08:00:00",
      endTime: "12:00:00",
      request: "",
    });
    expect(await ask(erp, `${PATH}/3`)).toMatchObject({ status: 200, body: entered });
    const march = { client_id: 1, from: "2026-03-01", to: "2026-03-31" };
    const { data } = await report<UsageLine>(erp, "device-usage", march);
    expect(data.map(({ id, source, ms }) => [id, source, ms / 60_000])).toEqual([
      [1, "webhook", 60],
      [3, "manual", 90],
    ]);
    const colleague = await inviteColleague(erp);
    expect((await colleague.get("/device-usages?source=manual")).text).toMatch(
      /\/device-usages\/3"(?!.*\/device-usages\/1")/s,
    );
    expect(auditOf(erp).findLast(({ resource }) => resource === "device-usages")).toEqual({
      actor: "the kit's key",
      action: "added",
      resource: "device-usages",
      id: 3,
      changes: usage("08:00", "09:30", { schedule_id: 1 }),
    });
  });

  test("belongs to the room and client where the device stood at the check-in", async () => {
    await using erp = await openReported();
    await add(erp, "clients", CASES.clients.other);
    await add(erp, "rooms", { client_id: 2, name: "Pool" });
    await patch(erp, "/api/device-setups/1", { ended_at: at("01", "10:00") });
    await add(erp, "device-setups", { device_id: 1, room_id: 2, installed_at: at("01", "11:00") });
    const rooms = [usage("09:59", "10:00"), usage("11:00", "12:00")].map((body) => add(erp, "device-usages", body));
    expect((await Promise.all(rooms)).map(({ room }) => room)).toEqual(["101", "Pool"]);
    for (const [client_id, ids] of [
      [1, [1]],
      [2, [2]],
    ] as const) {
      const { data } = await report<UsageLine>(erp, "device-usage", {
        client_id,
        from: "2026-03-01",
        to: "2026-03-31",
      });
      expect(data.map(({ id }) => id)).toEqual(ids);
    }
    for (const checkin of ["10:00", "10:59"]) {
      const nowhere = { device_id: ["The selected device was not set up in a room at the check-in."] };
      expect(errorsOf(await post(erp, PATH, usage(checkin, null)))).toEqual(nowhere);
    }
  });

  test.for<[what: string, change: Body, errors: Record<string, string>]>([
    [
      "nothing",
      { device_id: undefined, scent_id: undefined, checkin_at: undefined },
      {
        device_id: "The device field is required.",
        scent_id: "The scent field is required.",
        checkin_at: "The checkin at field is required.",
      },
    ],
    [
      "what there is not",
      { device_id: 9, scent_id: 9, schedule_id: 9 },
      {
        device_id: "The selected device is invalid.",
        scent_id: "The selected scent is invalid.",
        schedule_id: "The selected schedule is invalid.",
      },
    ],
    [
      "a time before the device was set up",
      { checkin_at: "2025-12-31T23:59:59Z" },
      {
        device_id: "The selected device was not set up in a room at the check-in.",
      },
    ],
    [
      "a check-in in the future",
      { checkin_at: at("02", "12:01"), checkout_at: null },
      {
        checkin_at: "The checkin at field must not be in the future.",
      },
    ],
    [
      "a check-out in the future",
      { checkout_at: at("02", "12:01") },
      {
        checkout_at: "The checkout at field must not be in the future.",
      },
    ],
    [
      "an end before its beginning",
      { checkout_at: at("01", "07:59") },
      {
        checkout_at: "The checkout at field must not be before checkin at.",
      },
    ],
    [
      "a time that is none",
      { checkin_at: "2026-03-01", checkout_at: 7 },
      {
        checkin_at: "The checkin at field must be a time such as 2026-11-01T08:00:00Z.",
        checkout_at: "The checkout at field must be a time such as 2026-11-01T08:00:00Z.",
      },
    ],
    [
      "what follows from the rest",
      { room_id: 1, source: "webhook" },
      {
        room_id: "There is no field room_id.",
        source: "There is no field source.",
      },
    ],
  ])("is refused with %s", async ([, change, errors]) => {
    await using erp = await openReported();
    const told = Object.fromEntries(Object.entries(errors).map(([field, message]) => [field, [message]]));
    expect(errorsOf(await post(erp, PATH, { ...usage("08:00", "09:00"), ...change }))).toEqual(told);
    expect(countRows(erp.file, "device_usages")).toBe(0);
    expect((await post(erp, PATH, "{")).status).toBe(400);
    expect(errorsOf(await post(erp, PATH, []))).toEqual({ body: ["Send a JSON object."] });
  });

  test("may end when it began, and now", async () => {
    await using erp = await openReported();
    const now = at("02", "12:00");
    expect(await add(erp, "device-usages", usage("08:00", "08:00"))).toMatchObject({ status: "checkout" });
    expect(await add(erp, "device-usages", usage("08:00", null, { checkin_at: now }))).toMatchObject({
      status: "checkin",
    });
  });
});

describe("what was entered", () => {
  test("can be corrected and removed, which the audit log tells", async () => {
    await using erp = await openReported([["01", "12:00", "13:00"]]);
    await add(erp, "device-usages", usage("08:00", null));
    const begun = auditOf(erp).length;
    const closed = await patch(erp, `${PATH}/3`, { checkout_at: at("01", "09:00") });
    expect([closed.status, closed.body]).toMatchObject([200, { id: 3, status: "checkout", source: "manual" }]);
    // Its own time is free for it.
    const moved = { checkin_at: at("01", "08:30"), checkout_at: at("01", "09:30") };
    expect((await patch(erp, `${PATH}/3`, moved)).body).toMatchObject({ checkinAt: moved.checkin_at });
    expect((await patch(erp, `${PATH}/3`, moved)).status).toBe(200);
    expect(errorsOf(await patch(erp, `${PATH}/3`, { checkin_at: at("01", "12:30") }))).toEqual({
      checkout_at: ["The checkout at field must not be before checkin at."],
    });
    const late = { checkout_at: at("01", "12:30") };
    expect(errorsOf(await patch(erp, `${PATH}/3`, late))).toEqual({
      checkout_at: ["This device was in use at that time already."],
    });
    const opened = await patch(erp, `${PATH}/3`, { checkout_at: null });
    expect(opened.body).toMatchObject({ status: "checkin", checkoutAt: null });
    expect((await remove(erp, `${PATH}/3`)).status).toBe(204);
    for (const gone of [
      await ask(erp, `${PATH}/3`),
      await patch(erp, `${PATH}/3`, moved),
      await remove(erp, `${PATH}/3`),
    ])
      expect(gone.status).toBe(404);
    const stored = { id: 3, device_id: 1, scent_id: 1, schedule_id: null, source: "manual", client_id: 1 };
    expect(
      auditOf(erp)
        .slice(begun)
        .map(({ action, changes }) => [action, changes]),
    ).toEqual([
      ["changed", { checkout_at: [null, at("01", "09:00")] }],
      [
        "changed",
        { checkin_at: [at("01", "08:00"), moved.checkin_at], checkout_at: [at("01", "09:00"), moved.checkout_at] },
      ],
      ["changed", { checkout_at: [moved.checkout_at, null] }],
      ["removed", { ...stored, checkin_at: moved.checkin_at, checkout_at: null, status: "checkin" }],
    ]);
  });

  test("is not what a device reported, which stays as it is", async () => {
    await using erp = await openReported([["01", "12:00", "13:00"]]);
    const before = await listUsages(erp);
    for (const refused of [await patch(erp, `${PATH}/1`, { scent_id: 1 }), await remove(erp, `${PATH}/1`)]) {
      expect([refused.status, refused.body]).toMatchObject([409, { title: "Conflict", detail: REPORTED }]);
    }
    expect(await listUsages(erp)).toEqual(before);
  });

  test.for(["9", "0", "01", "x", "1.5", "%00"])("there is none with the id %s", async (id) => {
    await using erp = await openReported();
    const place = `${PATH}/${id}`;
    for (const answer of [await ask(erp, place), await patch(erp, place, {}), await remove(erp, place)]) {
      expect([answer.status, answer.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
    }
  });

  test("is counted in the figures as soon as it is kept", async () => {
    await using erp = await openReported();
    const figures = async () => {
      const text = await (await fetch(`${erp.url}/metrics`)).text();
      const found = text.matchAll(/^erp_usages\{status="(checkin|checkout)"\} (\d+)$/gm);
      return Object.fromEntries([...found].map(([, status, count]) => [status, Number(count)]));
    };
    expect(await figures()).toEqual({ checkin: 0, checkout: 0 });
    await add(erp, "device-usages", usage("08:00", null));
    await add(erp, "device-usages", usage("10:00", "11:00"));
    errorsOf(await post(erp, PATH, usage("10:00", "11:00")));
    expect(await figures()).toEqual({ checkin: 1, checkout: 1 });
    await patch(erp, `${PATH}/1`, { checkout_at: at("01", "09:00") });
    expect(await figures()).toEqual({ checkin: 0, checkout: 2 });
    await remove(erp, `${PATH}/2`);
    expect(await figures()).toEqual({ checkin: 0, checkout: 1 });
  });
});
