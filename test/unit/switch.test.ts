import { describe, expect, test } from "vitest";
import { switchPath } from "../../erp-stub/contract.ts";
import { decideSwitch, fingerprintOf, parseSwitchCall, type SwitchRows } from "../../erp-stub/switch.ts";

const NOW = "2026-03-01T12:00:00.000Z";
const CHECKIN = "serial=dev-0001&status=checkin&scent=Wood&start_time=08:00:00&end_time=12:00:00";
const FOUND: SwitchRows = {
  device: { id: 7, roomId: 3, clientId: 1, latestId: 41 },
  scentId: 2,
  scheduleId: 5,
  latest: { id: 41, status: "checkin", checkoutAt: null },
  earlier: undefined,
};
const NOTHING: SwitchRows = {
  device: undefined,
  scentId: undefined,
  scheduleId: undefined,
  latest: undefined,
  earlier: undefined,
};

type Asked = { key?: string; rows?: Partial<SwitchRows> };

function decide(query: string, { key, rows }: Asked = {}) {
  return decideSwitch(parseSwitchCall(new URLSearchParams(query), key), { ...FOUND, ...rows }, NOW);
}

function refused(details: Record<string, string[]>) {
  return { kind: "refused", status: 422, error: { error: "Validation failed", details } };
}

describe("a call", () => {
  test("is read from its query; empty and unknown parameters are absent", () => {
    const call = parseSwitchCall(new URLSearchParams("serial=dev-0001&submit=&status=checkin&scent=&x=1"), "k");
    expect(call.fields).toEqual({
      serial: "dev-0001",
      status: "checkin",
      scent: undefined,
      start_time: undefined,
      end_time: undefined,
    });
    expect([call.repeated, call.key]).toEqual([[], "k"]);
  });

  test("of a field that is given twice has no value, even if one of them is empty", () => {
    const call = parseSwitchCall(new URLSearchParams("scent=&scent=wood&serial=a"), undefined);
    expect([call.fields.scent, call.repeated]).toEqual([undefined, ["scent"]]);
  });

  test.each([
    [`${CHECKIN}&submit=&x=1`, true],
    ["end_time=12%3A00%3A00&start_time=08:00:00&scent=W%6Fod&status=checkin&serial=dev-0001", true],
    [CHECKIN.replace("dev-0001", "dev-0002"), false],
    [CHECKIN.replace("checkin", "timein"), false],
    [CHECKIN.replace("Wood", "fire"), false],
    [CHECKIN.replace("08:00:00", "09:00:00"), false],
    [CHECKIN.replace("12:00:00", "13:00:00"), false],
    [`${CHECKIN}&scent=Wood`, false],
  ])("%s asks for the same: %s", (query, same) => {
    const fingerprint = (search: string) => fingerprintOf(parseSwitchCall(new URLSearchParams(search), undefined));
    expect(fingerprint(query) === fingerprint(CHECKIN)).toBe(same);
  });

  test("that the contract spells for the device database is the proof of concept's", () => {
    expect(switchPath({ serial: "HKAP0100000001", status: "checkin", scent: "wood" })).toBe(
      "/device/switch?serial=HKAP0100000001&submit=&status=checkin&scent=wood",
    );
    const odd = { serial: "a&b", status: "timein", scent: "ü", startTime: "08:00:00", endTime: "12:00:00" };
    expect(switchPath(odd)).toContain("&start_time=08:00:00&end_time=12:00:00");
    const { fields } = parseSwitchCall(new URLSearchParams(switchPath(odd).split("?")[1]), undefined);
    expect(fields).toEqual({
      serial: "a&b",
      status: "timein",
      scent: "ü",
      start_time: "08:00:00",
      end_time: "12:00:00",
    });
  });
});

describe("a check-in", () => {
  test("opens a usage, whatever the latest one is", () => {
    const answer = { message: "Device check-in successful", serial: "dev-0001", status: "checkin", timestamp: NOW };
    const usage = { device: FOUND.device, scentId: 2, scheduleId: 5 };
    expect(decide(CHECKIN)).toEqual({ kind: "opened", usage, answer });
    expect(decide(CHECKIN, { rows: { latest: undefined } })).toEqual({ kind: "opened", usage, answer });
  });

  test("needs a scent", () => {
    const details = { scent: ["The scent field is required when status is checkin."] };
    expect(decide("serial=dev-0001&status=checkin", { rows: { scentId: undefined } })).toEqual(refused(details));
  });
});

describe("a change of a usage", () => {
  test.each([
    ["checkout", "Device check-out successful"],
    ["timein", "Device time-in successful"],
    ["timeout", "Device time-out successful"],
  ])("%s concerns the latest one, with or without a scent", (status, message) => {
    const changed = {
      kind: "changed",
      usageId: 41,
      status,
      answer: { message, serial: "dev-0001", status, timestamp: NOW },
    };
    expect(decide(`serial=dev-0001&status=${status}`, { rows: { scentId: undefined } })).toEqual(changed);
    expect(decide(`serial=dev-0001&status=${status}&scent=wood`)).toEqual(changed);
  });

  test.each([[undefined], [{ id: 41, status: "checkout" as const, checkoutAt: NOW }]])(
    "is a conflict when the latest is %o",
    (latest) => {
      const conflict = { kind: "refused", status: 409, error: { error: "No active device usage for this device" } };
      expect(decide("serial=dev-0001&status=timein", { rows: { latest } })).toEqual(conflict);
    },
  );

  test("is judged after its parameters", () => {
    const details = { scent: ["The selected scent is invalid."] };
    const rows = { latest: undefined, scentId: undefined };
    expect(decide("serial=dev-0001&status=timein&scent=rose", { rows })).toEqual(refused(details));
  });
});

describe("a bad call", () => {
  test("is told all that is wrong at once", () => {
    const details = {
      serial: ["The selected serial is invalid."],
      status: ["The selected status is invalid."],
      scent: ["The selected scent is invalid."],
      start_time: ["The start time field must match the format H:i:s."],
      end_time: ["The end time field is required when start time is present."],
      "Idempotency-Key": ["The Idempotency-Key must be 1 to 64 letters, digits, hyphens or underscores."],
    };
    const query = "serial=x&status=x&scent=x&start_time=x";
    expect(decide(query, { key: "no key", rows: NOTHING })).toEqual(refused(details));
  });

  test("names a device that is in no room", () => {
    const details = { serial: ["The selected serial is not set up in a room."] };
    expect(decide(CHECKIN, { rows: { device: { id: 7, roomId: null, clientId: null, latestId: null } } })).toEqual(
      refused(details),
    );
  });

  test("names an unknown schedule at both its ends", () => {
    const unknown = ["The selected schedule is invalid."];
    const details = { start_time: unknown, end_time: unknown };
    expect(decide(CHECKIN, { rows: { scheduleId: undefined } })).toEqual(refused(details));
    const change = CHECKIN.replace("checkin", "timein");
    expect(decide(change, { rows: { scheduleId: undefined } })).toEqual(refused(details));
    expect(decide(change)).toMatchObject({ kind: "changed", usageId: 41 });
  });

  test.each(["24:00:00", "8:00:00", "08:60:00", "08:00", "08:00:00 ", "०८:००:००", "08:00:00\n"])(
    "has %j for a time",
    (time) => {
      const query = new URLSearchParams({
        serial: "dev-0001",
        status: "timein",
        start_time: time,
        end_time: "12:00:00",
      });
      const details = { start_time: ["The start time field must match the format H:i:s."] };
      expect(decide(query.toString(), { rows: { scheduleId: undefined } })).toEqual(refused(details));
    },
  );

  test.each(["serial", "status", "scent", "start_time", "end_time"])("gives %s twice", (field) => {
    const details = { [field]: [`The ${field.replace("_", " ")} field must not be given more than once.`] };
    const value = new URLSearchParams(CHECKIN).get(field) ?? "";
    expect(decide(`${CHECKIN}&${field}=${value}`)).toEqual(refused(details));
  });
});

describe("a key", () => {
  const fingerprint = fingerprintOf(parseSwitchCall(new URLSearchParams(CHECKIN), undefined));
  const answer = { message: "as before", serial: "dev-0001", status: "checkin", timestamp: NOW } as const;
  const earlier = { fingerprint, answer };

  test("that is new changes nothing", () => {
    expect(decide(CHECKIN, { key: "a".repeat(64) }).kind).toBe("opened");
  });

  test("that is known is answered as before, even if the device is gone", () => {
    expect(decide(CHECKIN, { key: "k", rows: { ...NOTHING, earlier } })).toEqual({ kind: "replayed", answer });
  });

  test.each([CHECKIN.replace("Wood", "fire"), `${CHECKIN}&scent=Wood`, "", "serial=dev-0001&status=checkout"])(
    "that is known is refused for %j",
    (query) => {
      const details = { "Idempotency-Key": ["The Idempotency-Key was used before with other parameters."] };
      expect(decide(query, { key: "k", rows: { earlier } })).toEqual(refused(details));
    },
  );

  test.each(["", " ", "a b", "ä", "a,b", "a".repeat(65), "a\n"])("that is %j is refused", (key) => {
    const details = {
      "Idempotency-Key": ["The Idempotency-Key must be 1 to 64 letters, digits, hyphens or underscores."],
    };
    expect(decide(CHECKIN, { key, rows: { earlier } })).toEqual(refused(details));
  });
});
