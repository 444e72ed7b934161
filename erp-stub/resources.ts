/** The entities of the operations guide: what each is called, and what is asked of it. */
import {
  apiKeySchema,
  type BodySchema,
  CHARGE_UNITS,
  CLIENT_TYPES,
  clientSchema,
  corporationSchema,
  deviceSchema,
  deviceSetupSchema,
  deviceTypeSchema,
  paymentSchema,
  ROLES,
  roomSchema,
  scentSchema,
  scheduleSchema,
  userSchema,
} from "./operations-contract.ts";

export type ResourceName =
  | "corporations"
  | "clients"
  | "users"
  | "device-types"
  | "rooms"
  | "devices"
  | "device-setups"
  | "scents"
  | "schedules"
  | "payments"
  | "api-keys";

/** How a field is asked for and shown. A `moment` is entered by the clock of the room or client that the row is about. */
export type Field = { name: string; label: string; hint?: string; isOptional?: true } & (
  | { kind: "text"; keyboard?: "email" | "tel" | "numeric" }
  | { kind: "long" | "email" | "timezone" | "time" | "day" | "money" | "moment" }
  | { kind: "choice"; options: readonly string[]; labels?: Readonly<Record<string, string>> }
  | { kind: "reference"; to: ResourceName }
);

export type Resource = {
  name: ResourceName;
  /** As people call one, and many. */
  one: string;
  many: string;
  schema: BodySchema;
  fields: readonly Field[];
};

const client: Field = { name: "client_id", label: "Client", kind: "reference", to: "clients" };
const anyClient: Field = { ...client, label: "Sees", hint: "One client only, or all of them.", isOptional: true };
const role: Field = { name: "role", label: "Role", kind: "choice", options: ROLES };
const name: Field = { name: "name", label: "Name", kind: "text" };

export const RESOURCES: Record<ResourceName, Resource> = {
  corporations: {
    name: "corporations",
    one: "corporation",
    many: "Corporations",
    schema: corporationSchema,
    fields: [name],
  },
  clients: {
    name: "clients",
    one: "client",
    many: "Clients",
    schema: clientSchema,
    fields: [
      name,
      { name: "corporation_id", label: "Corporation", kind: "reference", to: "corporations" },
      { name: "client_type", label: "Type", kind: "choice", options: CLIENT_TYPES },
      { name: "timezone", label: "Time zone", kind: "timezone", hint: "Its days begin at midnight there." },
      { name: "charge_rate_cents", label: "Charge rate", kind: "money", hint: "For each started hour, or each day." },
      { name: "charge_unit", label: "Charged", kind: "choice", options: CHARGE_UNITS },
    ],
  },
  users: {
    name: "users",
    one: "user",
    many: "Users",
    schema: userSchema,
    fields: [name, { name: "email", label: "E-mail", kind: "email" }, role, anyClient],
  },
  "device-types": {
    name: "device-types",
    one: "device type",
    many: "Device types",
    schema: deviceTypeSchema,
    fields: [
      { name: "code", label: "Code", kind: "text", hint: "Such as app2x." },
      { ...name, hint: "Such as Aroma Pod Pro 4 capsules." },
    ],
  },
  rooms: {
    name: "rooms",
    one: "room",
    many: "Rooms",
    schema: roomSchema,
    fields: [name, client],
  },
  devices: {
    name: "devices",
    one: "device",
    many: "Devices",
    schema: deviceSchema,
    fields: [
      { name: "serial", label: "Serial", kind: "text", hint: "As it is printed on the device." },
      { name: "device_type_id", label: "Type", kind: "reference", to: "device-types" },
    ],
  },
  "device-setups": {
    name: "device-setups",
    one: "device setup",
    many: "Device setups",
    schema: deviceSetupSchema,
    fields: [
      { name: "device_id", label: "Device", kind: "reference", to: "devices" },
      { name: "room_id", label: "Room", kind: "reference", to: "rooms" },
      { name: "installed_at", label: "Installed", kind: "moment", hint: "By the clock of the room. Empty means now." },
      {
        name: "ended_at",
        label: "Removed",
        kind: "moment",
        hint: "By the clock of the room. Empty while it stands there.",
        isOptional: true,
      },
    ],
  },
  scents: {
    name: "scents",
    one: "scent",
    many: "Scents",
    schema: scentSchema,
    fields: [{ name: "code", label: "Code", kind: "text", hint: "What a device reports, in any case." }, name],
  },
  schedules: {
    name: "schedules",
    one: "schedule",
    many: "Schedules",
    schema: scheduleSchema,
    fields: [
      { name: "start_time", label: "From", kind: "time" },
      { name: "end_time", label: "Until", kind: "time" },
    ],
  },
  payments: {
    name: "payments",
    one: "payment",
    many: "Payments",
    schema: paymentSchema,
    fields: [
      { name: "paid_on", label: "Day", kind: "day" },
      client,
      { name: "amount_cents", label: "Amount", kind: "money" },
      { name: "note", label: "Note", kind: "text", isOptional: true },
    ],
  },
  "api-keys": {
    name: "api-keys",
    one: "API key",
    many: "API keys",
    schema: apiKeySchema,
    fields: [{ ...name, hint: "What it is for." }, role, anyClient],
  },
};

export const RESOURCE_NAMES = Object.keys(RESOURCES) as ResourceName[];

/** What a person enters of a usage; its room and client follow from the device and the time. */
export const USAGE_FIELDS: readonly Field[] = [
  { name: "device_id", label: "Device", kind: "reference", to: "devices" },
  { name: "scent_id", label: "Scent", kind: "reference", to: "scents" },
  { name: "schedule_id", label: "Schedule", kind: "reference", to: "schedules", isOptional: true },
  { name: "checkin_at", label: "Check-in", kind: "moment", hint: "By the clock of the room. Empty means now." },
  {
    name: "checkout_at",
    label: "Check-out",
    kind: "moment",
    hint: "By the clock of the room. Empty while it runs.",
    isOptional: true,
  },
];
