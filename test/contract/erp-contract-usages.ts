import { expect, test } from "vitest";
import { OTHER_SERIAL, SERIAL } from "../support/devices.ts";
import { callSwitch, callWithRef, getUsages, listUsages } from "../support/erp-calls.ts";
import { DOCUMENTED_QUERY, type OpenErp, POC_QUERY } from "./erp-contract-calls.ts";

/** How calls are told apart and found again, by `Idempotency-Key` and `?ref=`. */
export function references(erp: () => OpenErp): void {
  test("a reference finds the usage that its call opened or changed", async () => {
    const opened = await callWithRef(erp(), { serial: SERIAL, status: "checkin", scent: "water" });
    const changed = await callWithRef(erp(), { serial: SERIAL, status: "timein" });
    const [usage] = await listUsages(erp(), { ref: opened.ref });

    expect(usage).toMatchObject({ ref: opened.ref, status: "timein" });
    expect(await listUsages(erp(), { ref: changed.ref })).toEqual([usage]);
    expect(await listUsages(erp(), { ref: crypto.randomUUID() })).toEqual([]);
  });

  test("a refused call leaves its key unused", async () => {
    const headers = { "idempotency-key": crypto.randomUUID() };
    expect((await callSwitch(erp(), POC_QUERY.replace("wood", "rose"), headers)).status).toBe(422);
    expect((await callSwitch(erp(), POC_QUERY, headers)).status).toBe(200);
  });

  test("a repeated call under one key executes once where keys are honoured, and twice where they are not", async () => {
    const safe = erp().mode === "safe";
    const first = await callWithRef(erp(), POC_QUERY);
    const again = await callSwitch(erp(), POC_QUERY, { "idempotency-key": first.ref });

    expect(again.status).toBe(200);
    expect(first.headers.get("idempotency-replayed")).toBeNull();
    expect(again.headers.get("idempotency-replayed")).toBe(safe ? "true" : null);
    if (safe) expect(again.body).toEqual(first.body);
    expect(await listUsages(erp(), { ref: first.ref })).toHaveLength(safe ? 1 : 2);
  });

  test("a repeated check-out does not touch the usage that came in between", async () => {
    await callSwitch(erp(), POC_QUERY);
    const checkout = { serial: SERIAL, status: "checkout" };
    const first = await callWithRef(erp(), checkout);
    const between = await callWithRef(erp(), POC_QUERY);
    await callSwitch(erp(), checkout, { "idempotency-key": first.ref });

    const status = erp().mode === "safe" ? "checkin" : "checkout";
    expect(await listUsages(erp(), { ref: between.ref })).toMatchObject([{ status }]);
  });

  test("a key serves one set of parameters where keys are honoured", async () => {
    const { ref } = await callWithRef(erp(), POC_QUERY);
    const other = await callSwitch(erp(), POC_QUERY.replace("wood", "fire"), { "idempotency-key": ref });
    const usages = await listUsages(erp(), { ref });

    if (erp().mode === "safe") {
      const details = { "Idempotency-Key": ["The Idempotency-Key was used before with other parameters."] };
      expect([other.status, other.body]).toEqual([422, { error: "Validation failed", details }]);
      expect(usages.map(({ scent }) => scent)).toEqual(["wood"]);
    } else {
      expect(other.status).toBe(200);
      expect(usages.map(({ scent }) => scent)).toEqual(["fire", "wood"]);
    }
  });

  test.each(["", "a b", "a.b", "a".repeat(65)])("the key «%s» is refused where keys are honoured", async (key) => {
    const before = await listUsages(erp());
    const { status, body } = await callSwitch(erp(), POC_QUERY, { "idempotency-key": key });
    if (erp().mode === "safe") {
      const details = {
        "Idempotency-Key": ["The Idempotency-Key must be 1 to 64 letters, digits, hyphens or underscores."],
      };
      expect([status, body]).toEqual([422, { error: "Validation failed", details }]);
      expect(await listUsages(erp())).toEqual(before);
    } else {
      expect(status).toBe(200);
      expect((await listUsages(erp()))[0]?.ref).toBe(key === "" ? null : key);
    }
  });
}

/** What `GET /api/device-usages` shows, and to whom. */
export function readingBack(erp: () => OpenErp): void {
  test("usages come newest first, all of them unless a limit is given", async () => {
    await callSwitch(erp(), POC_QUERY);
    await callSwitch(erp(), DOCUMENTED_QUERY);
    const all = await listUsages(erp());
    const ids = all.map(({ id }) => id);

    expect(ids).toEqual(ids.toSorted((a, b) => b - a));
    expect(await listUsages(erp(), { limit: "2" })).toEqual(all.slice(0, 2));
    expect(await listUsages(erp(), { limit: "999999" })).toEqual(all);
    const ofSerial = await listUsages(erp(), { serial: OTHER_SERIAL });
    expect(ofSerial).toEqual(all.filter(({ serial }) => serial === OTHER_SERIAL));
    expect(ofSerial.length).toBeLessThan(all.length);
    expect(await listUsages(erp(), { serial: "nobody" })).toEqual([]);
  });

  test("a period includes its beginning and excludes its end", async () => {
    const { ref } = await callWithRef(erp(), POC_QUERY);
    const [usage] = await listUsages(erp(), { ref });
    const at = usage?.checkinAt ?? "";
    const after = new Date(Date.parse(at) + 1).toISOString();
    const inOtherZone = at.replace(/T(.*)Z$/, "T$1+00:00");

    expect(await listUsages(erp(), { ref, from: at, to: after })).toEqual([usage]);
    expect(await listUsages(erp(), { ref, from: inOtherZone })).toEqual([usage]);
    expect(await listUsages(erp(), { ref, to: at })).toEqual([]);
    expect(await listUsages(erp(), { ref, from: after })).toEqual([]);
  });

  test.each(["", "Bearer wrong", "Basic a2V5"])("usages are not shown to «%s»", async (authorization) => {
    const { status, headers, body } = await getUsages(erp(), "", authorization);
    expect(status).toBe(401);
    expect(headers.get("www-authenticate")).toBe("Bearer");
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(body).toMatchObject({ status: 401 });
  });

  test.each([
    ["limit=0", "limit must be a positive whole number"],
    ["limit=1.5", "limit must be a positive whole number"],
    ["limit=99999999999999999999", "limit must be a positive whole number"],
    ["from=yesterday", "from must be an instant such as 2024-11-01T08:00:00Z"],
    ["to=2024-11-01", "to must be an instant such as 2024-11-01T08:00:00Z"],
    ["to=9999-12-31T23:59:59-01:00", "to must be an instant such as 2024-11-01T08:00:00Z"],
    ["ref=", "ref must not be empty"],
    ["serial=a&serial=b", "serial must not be given more than once"],
    [
      "sreial=a&client_id=1&__proto__=x",
      "there is no parameter sreial; there is no parameter client_id; there is no parameter __proto__",
    ],
    ["toString=&limit=0", "there is no parameter toString; limit must be a positive whole number"],
  ])("the filter %s is refused", async (search, problem) => {
    const { status, headers, body } = await getUsages(erp(), search);
    expect(status).toBe(422);
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(body).toEqual({
      type: "about:blank",
      title: "Not acceptable",
      status: 422,
      detail: `Bad filter: ${problem}.`,
    });
  });
}
