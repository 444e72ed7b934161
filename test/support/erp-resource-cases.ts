import { expect } from "vitest";
import type { ResourceName } from "../../erp-stub/resources.ts";
import { BODIES, type Body } from "./erp-api.ts";

/** What the tests send of each entity, beside the row that they begin with. */
type Case = {
  /** What the row has beside the body and its id, where the body is the one that all ERPs of the tests begin with. */
  more?: Body;
  /** Another row. */
  other: Body;
  change: Body;
  /** How many fields have to be there. */
  required: number;
  /** What is wrong in the other body, and what is said of it. */
  wrong: [change: Body, errors: Record<string, string>][];
};

const ROOM = "Harbour View · 101";
const INVALID_CLIENT: Case["wrong"] = [
  [{ client_id: 9 }, { client_id: "The selected client is invalid." }],
  [{ client_id: "1" }, { client_id: "The selected client is invalid." }],
  [{ client_id: 1.5 }, { client_id: "The selected client is invalid." }],
];
/** Of a name, in whichever entity. */
const INVALID_NAME: Case["wrong"] = [
  [{ name: undefined }, { name: "The name field is required." }],
  [{ name: null }, { name: "The name field is required." }],
  [{ name: " \t " }, { name: "The name field is required." }],
  [{ name: 7 }, { name: "The name field must be a string." }],
  [{ name: ["a"] }, { name: "The name field must be a string." }],
  [{ name: "a".repeat(201) }, { name: "The name field must not be greater than 200 characters." }],
  [{ name: "a\u0000b" }, { name: "The name field must not contain control characters." }],
  [{ name: "a\nb" }, { name: "The name field must not contain control characters." }],
  [{ name: "a\ud800" }, { name: "The name field must not contain control characters." }],
];
const INVALID_TIME = "must be a time such as 2026-11-01T08:00:00Z.";

export const CASES: Record<ResourceName, Case> = {
  corporations: {
    required: 1,
    other: { name: "Lake Hotels" },
    change: { name: "Hill Hotels" },
    wrong: INVALID_NAME,
  },
  clients: {
    required: 6,
    more: { corporation: "Sea Hotels" },
    other: { ...BODIES.clients, name: "Peak Spa", client_type: "spa", timezone: "UTC", charge_unit: "daily" },
    change: { charge_rate_cents: 0, timezone: "America/Argentina/Buenos_Aires" },
    wrong: [
      ...INVALID_NAME,
      [{ corporation_id: undefined }, { corporation_id: "The corporation field is required." }],
      [{ corporation_id: 9 }, { corporation_id: "The selected corporation is invalid." }],
      [{ client_type: "motel" }, { client_type: "The selected client type is invalid." }],
      [{ client_type: undefined }, { client_type: "The client type field is required." }],
      [{ timezone: "Mars/Olympus" }, { timezone: "The timezone field must be a valid timezone." }],
      [{ timezone: "IST" }, { timezone: "The timezone field must be a valid timezone." }],
      [{ timezone: "+08:00" }, { timezone: "The timezone field must be a valid timezone." }],
      [{ charge_rate_cents: -1 }, { charge_rate_cents: "The charge rate field must be at least 0." }],
      [{ charge_rate_cents: 25.5 }, { charge_rate_cents: "The charge rate field must be an integer." }],
      [{ charge_rate_cents: "25" }, { charge_rate_cents: "The charge rate field must be an integer." }],
      [{ charge_unit: "weekly" }, { charge_unit: "The selected charge unit is invalid." }],
    ],
  },
  users: {
    required: 3,
    more: { client: "Harbour View", has_password: 0 },
    other: { name: "Ada", email: "ada@hotel.example", role: "viewer", client_id: null },
    change: { name: "Zoë", client_id: null },
    wrong: [
      ...INVALID_NAME,
      ...INVALID_CLIENT,
      [{ email: undefined }, { email: "The email field is required." }],
      [{ email: "ada" }, { email: "The email field must be a valid email address." }],
      [{ email: 7 }, { email: "The email field must be a valid email address." }],
      [{ email: "ZOE@hotel.example" }, { email: "The email has already been taken." }],
      [{ role: "owner" }, { role: "The selected role is invalid." }],
    ],
  },
  "device-types": {
    required: 2,
    other: { code: "app3x", name: "Aroma Pod Mini" },
    change: { name: "Aroma Pod Pro" },
    wrong: [
      ...INVALID_NAME,
      [{ code: "" }, { code: "The code field is required." }],
      [{ code: "a".repeat(65) }, { code: "The code field must not be greater than 64 characters." }],
      [{ code: "app2x" }, { code: "The code has already been taken." }],
    ],
  },
  rooms: {
    required: 2,
    more: { client: "Harbour View" },
    other: { client_id: 1, name: "102" },
    change: { name: "Suite 101" },
    wrong: [
      ...INVALID_NAME,
      ...INVALID_CLIENT,
      [{ client_id: undefined }, { client_id: "The client field is required." }],
      [{ name: "101" }, { name: "The name has already been taken." }],
    ],
  },
  devices: {
    required: 2,
    more: { device_type: "Aroma Pod Pro 4 capsules", room: ROOM },
    other: { device_type_id: 1, serial: "POD-2" },
    change: { serial: "POD-1b" },
    wrong: [
      [{ device_type_id: 9 }, { device_type_id: "The selected device type is invalid." }],
      [{ serial: undefined }, { serial: "The serial field is required." }],
      [{ serial: "POD-1" }, { serial: "The serial has already been taken." }],
      ...["", "a b", "a.b", "é", "a".repeat(65)].map((serial): Case["wrong"][number] => [
        { serial },
        { serial: "The serial field must match the format of 1 to 64 letters, digits, hyphens or underscores." },
      ]),
    ],
  },
  "device-setups": {
    required: 3,
    more: { device: "POD-1", room: ROOM, timezone: "Asia/Hong_Kong" },
    other: {
      ...BODIES["device-setups"],
      installed_at: "2025-01-01T00:00:00.000Z",
      ended_at: "2025-02-01T00:00:00.000Z",
    },
    change: { ended_at: "2026-01-02T00:00:00.000Z" },
    wrong: [
      [{ device_id: 9 }, { device_id: "The selected device is invalid." }],
      [{ room_id: 9 }, { room_id: "The selected room is invalid." }],
      [{ installed_at: undefined }, { installed_at: "The installed at field is required." }],
      ...["2025-01-01", "2025-01-01T00:00:00", "2025-02-30T00:00:00Z", "yesterday"].map(
        (time): Case["wrong"][number] => [
          { installed_at: time },
          { installed_at: `The installed at field ${INVALID_TIME}` },
        ],
      ),
      [{ installed_at: "9999-12-31T23:59:59-01:00" }, { installed_at: `The installed at field ${INVALID_TIME}` }],
      [{ ended_at: 7 }, { ended_at: `The ended at field ${INVALID_TIME}` }],
      [{ ended_at: "2024-12-31T00:00:00Z" }, { ended_at: "The ended at field must not be before installed at." }],
      [{ ended_at: "2999-01-01T00:00:00Z" }, { ended_at: "The ended at field must not be in the future." }],
    ],
  },
  scents: {
    required: 2,
    other: { code: "fire", name: "Fire" },
    change: { code: "Cedar" },
    wrong: [
      ...INVALID_NAME,
      [{ code: " " }, { code: "The code field is required." }],
      [{ code: "WOOD" }, { code: "The code has already been taken." }],
    ],
  },
  schedules: {
    required: 2,
    other: { start_time: "14:00:00", end_time: "18:00:00" },
    change: { end_time: "11:00:00" },
    wrong: [
      [{ start_time: undefined }, { start_time: "The start time field is required." }],
      ...["25:00:00", "8:00:00", "08:00", "08:60:00", ""].map((time): Case["wrong"][number] => [
        { end_time: time },
        { end_time: "The end time field must match the format H:i:s." },
      ]),
      [BODIES.schedules, { end_time: "The end time has already been taken." }],
    ],
  },
  payments: {
    required: 3,
    more: { client: "Harbour View", source: "manual" },
    other: { client_id: 1, paid_on: "2026-02-28", amount_cents: 1, note: null },
    change: { note: null, amount_cents: 9_999 },
    wrong: [
      ...INVALID_CLIENT,
      [{ paid_on: undefined }, { paid_on: "The paid on field is required." }],
      ...["28-02-2026", "2026-02-29", "2026-2-1", "2026-02-28T00:00:00Z"].map((day): Case["wrong"][number] => [
        { paid_on: day },
        { paid_on: "The paid on field must match the format Y-m-d." },
      ]),
      [{ amount_cents: 0 }, { amount_cents: "The amount field must be at least 1." }],
      [{ amount_cents: 1e13 }, { amount_cents: "The amount field must not be greater than 1000000000000." }],
      [{ note: 7 }, { note: "The note field must be a string." }],
      [{ note: "a\u007fb" }, { note: "The note field must not contain control characters." }],
    ],
  },
  "api-keys": {
    required: 2,
    more: { client: null, created_at: expect.any(String) as unknown },
    other: { name: "Till", role: "manager", client_id: 1 },
    change: { role: "admin" },
    wrong: [
      ...INVALID_NAME,
      ...INVALID_CLIENT,
      [{ role: undefined }, { role: "The role field is required." }],
      [{ name: "Night audit" }, { name: "The name has already been taken." }],
    ],
  },
};
