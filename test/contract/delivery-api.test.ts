import { describe, expect, test } from "vitest";
import type { Delivery, DeliveryDetail } from "../../device-db/contract.ts";
import type { Reconciliation } from "../../device-db/delivery-contract.ts";
import { connectPod, newEvent, OPERATOR_KEY, openDeviceDb } from "../support/device-db-system.ts";
import { SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { openFaultErp } from "../support/fault-erp.ts";

const KEY = { authorization: `Bearer ${OPERATOR_KEY}` };

/** A device database whose deliveries met these faults, one after the other. */
async function openWith(...faults: Parameters<Awaited<ReturnType<typeof openFaultErp>>["script"]["push"]>) {
  await using opening = new AsyncDisposableStack();
  const erp = opening.use(await openFaultErp());
  const deviceDb = opening.use(await openDeviceDb({ erpUrl: erp.url }));
  const pod = opening.use(await connectPod(deviceDb.mqttUrl));
  erp.script.push(...faults);
  const list = async (query = "") =>
    ((await (await deviceDb.get(`/api/deliveries${query}`)).json()) as { data: Delivery[] }).data;
  const owned = opening.move();
  return {
    erp,
    deviceDb,
    list,
    /** Resolves with the delivery in its end. */
    async report(state: Delivery["state"]): Promise<Delivery> {
      const event = newEvent();
      await pod.report(event);
      return eventually(async () => {
        const delivery = (await list()).find(({ id }) => id === event.id);
        expect(delivery?.state).toBe(state);
        return delivery as Delivery;
      });
    },
    decide: (path: string, body: unknown, headers: Record<string, string> = KEY) =>
      deviceDb.post(`/api/deliveries/${path}`, body, headers),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function detailOf(answer: Response): Promise<{ status: number; detail: string }> {
  return { status: answer.status, detail: ((await answer.json()) as { detail: string }).detail };
}

describe("POST /api/deliveries/<id>/…", () => {
  test("needs the operator's key and a reason, and says what is wrong", async () => {
    await using system = await openWith("reset before executing");
    const { id } = await system.report("held");
    expect((await system.decide(`${id}/resend`, { reason: "r" }, {})).status).toBe(401);
    for (const body of [{}, { reason: "" }, { reason: "   " }, { reason: 7 }])
      expect(await detailOf(await system.decide(`${id}/resend`, body))).toEqual({
        status: 422,
        detail: "reason: is needed.",
      });
    expect((await system.decide(`${id}/resend`, { reason: "r", force: true })).status).toBe(422);
    expect(await detailOf(await system.decide("nothing/resend", { reason: "r" }))).toEqual({
      status: 404,
      detail: 'There is no delivery "nothing".',
    });
    expect((await system.list("?state=held")).map((row) => row.id)).toEqual([id]);
    expect(system.erp.calls).toHaveLength(1);
  });

  test("resend sends once more, and only once", async () => {
    await using system = await openWith("reset before executing");
    const { id } = await system.report("held");
    const dry = await system.decide(`${id}/resend`, { reason: "r", dryRun: true });
    const path = `/device/switch?serial=${SERIAL}&submit=&status=checkin&scent=wood`;
    expect(await dry.json()).toEqual({ wouldSend: `GET ${system.erp.url}${path}` });
    expect(system.erp.calls).toHaveLength(1);
    const said = await Promise.all(
      [1, 2, 3].map(() => system.decide(`${id}/resend`, { reason: "their log has none" })),
    );
    expect(said.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409]);
    await eventually(async () => expect((await system.list())[0]?.state).toBe("delivered"));
    expect(system.erp.executions).toHaveLength(1);
    expect(await detailOf(await system.decide(`${id}/resend`, { reason: "again" }))).toEqual({
      status: 409,
      detail: "A delivery that is delivered cannot be sent again.",
    });
    const detail = (await (await system.deviceDb.get(`/api/deliveries/${id}`)).json()) as DeliveryDetail;
    expect(detail.log.map(({ evidence }) => evidence)).toContain("operator, resend: their log has none");
  });

  test("discard and mark-delivered let the lane go on without sending anything", async () => {
    await using system = await openWith("reset before executing", "error after executing");
    const first = await system.report("held");
    expect((await system.decide(`${first.id}/discard`, { reason: "guest left" })).status).toBe(200);
    const second = await system.report("held");
    expect((await system.decide(`${second.id}/mark-delivered`, { reason: "usage 7" })).status).toBe(200);
    await system.report("delivered");
    expect(system.erp.calls).toHaveLength(3);
    expect((await system.list()).map(({ state }) => state)).toEqual(["delivered", "delivered", "discarded"]);
  });
});

describe("POST /api/deliveries/pause and resume", () => {
  test("stop the lanes of all devices, or of one, and let them go on", async () => {
    await using system = await openWith();
    expect(await detailOf(await system.decide("pause", { serial: "nobody", reason: "r" }))).toMatchObject({
      status: 404,
    });
    expect((await system.decide("pause", {})).status).toBe(422);
    expect((await system.decide("pause", { reason: "r" }, {})).status).toBe(401);
    expect((await system.decide("pause", { reason: "the ERP moves" })).status).toBe(200);
    await system.report("pending");
    const lanes = (await (await system.deviceDb.get("/api/lanes")).json()) as { data: unknown[] };
    expect(lanes.data).toMatchObject([{ serial: "*", reason: "the ERP moves" }]);
    expect(await (await system.decide("resume", undefined)).json()).toEqual({ resumed: 1, data: [] });
    await eventually(async () => expect((await system.list())[0]?.state).toBe("delivered"));
  });
});

describe("GET /api/deliveries", () => {
  test("goes page by page, and refuses what it does not know", async () => {
    await using system = await openWith();
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.unshift((await system.report("delivered")).id);
    const first = await system.list("?limit=2");
    const second = await system.list(`?limit=2&before=${first.at(-1)?.id ?? ""}&serial=${SERIAL}`);
    expect([...first, ...second].map(({ id }) => id)).toEqual(ids.slice(0, 4));
    for (const query of ["?state=lost", "?limit=0", "?limit=1001", "?sort=id"])
      expect((await system.deviceDb.get(`/api/deliveries${query}`)).status, query).toBe(422);
    expect((await system.deviceDb.get("/api/deliveries/nothing")).status).toBe(404);
  });
});

describe("POST /api/deliveries/reconcile", () => {
  const reconcile = async (system: Awaited<ReturnType<typeof openWith>>, body?: unknown) =>
    (await (await system.decide("reconcile", body)).json()) as Reconciliation;

  test("settles what the ERP has, and tells what it has not", async () => {
    await using system = await openWith("error after executing");
    const { id } = await system.report("held");
    const dry = await reconcile(system, { dryRun: true });
    expect(dry).toMatchObject({ ok: false, unsettled: [{ id, finding: "present", state: "held" }] });
    expect((await system.list())[0]?.state).toBe("held");
    expect(await reconcile(system)).toMatchObject({
      ok: true,
      unsettled: [{ id, finding: "present", state: "delivered" }],
      devices: [{ serial: SERIAL, delivered: 1, erp: 1, missing: [], extra: [], mismatched: [] }],
    });
    expect(system.erp.calls).toHaveLength(1);
  });

  test("never sends what is absent", async () => {
    await using system = await openWith("reset before executing");
    const { id } = await system.report("held");
    for (let n = 0; n < 3; n++)
      expect((await reconcile(system)).unsettled).toMatchObject([{ id, finding: "absent", state: "held" }]);
    expect(system.erp.calls).toHaveLength(1);
  });

  test("finds what is missing, what is there twice and what nobody here sent", async () => {
    await using system = await openWith();
    const [first, second] = [await system.report("delivered"), await system.report("delivered")];
    const [one, two] = system.erp.executions;
    if (!one || !two) throw new Error("nothing was executed");
    system.erp.executions.splice(0, 2, { ...two, scent: "fire" }, two, { ...one, ref: "somebody-else" });
    expect(await reconcile(system)).toMatchObject({
      ok: false,
      devices: [{ delivered: 2, erp: 3, missing: [first.id], mismatched: [second.id] }],
    });
    expect((await reconcile(system)).devices[0]?.extra).toHaveLength(2);
  });
});
