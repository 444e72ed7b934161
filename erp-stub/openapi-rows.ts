/** The rows of the operations guide as the document describes them: what they are, what is written and what is read. */
import type { Schema } from "../plumbing/schema-fields.ts";
import { bodySchema, objectSchema } from "./openapi-parts.ts";
import { type Field, RESOURCE_NAMES, RESOURCES, type ResourceName } from "./resources.ts";

/** What an entity is, as the operations guide has it. */
const ABOUT: Record<ResourceName, string> = {
  corporations: "What clients belong to.",
  clients: "Hotels and spas: where they are, and what they are charged.",
  users:
    "People who sign in. One who has just been added is invited on the page of the user, and then chooses a password.",
  "device-types": "Such as app2x, Aroma Pod Pro 4 capsules.",
  rooms: "A room belongs to a client.",
  devices: "What a device database reports by its serial.",
  "device-setups": "Which device stands in which room, and since when. A device stands in one room at a time.",
  scents: "What devices can report.",
  schedules: "From when until when a device diffuses on its own. A device may report those only that are here.",
  payments: "What clients paid. Those that are added here are marked as entered by hand.",
  "api-keys":
    "What programs call this API with. The key itself is in the answer to `POST` only: keep it then, as nobody can read it again.",
};

/** Fields whose own schema says no more than their name. */
const FIELDS: Record<string, string> = {
  name: "As people call it.",
  client_type: "What kind of house it is.",
  charge_unit: "Whether each local day that was touched is charged, or each begun hour of use.",
  role: "What may be done; an admin may do all.",
  code: "What a device reports, in any case.",
  client_id: "The id of its client.",
  schedule_id: "The id of its schedule.",
  note: "For whoever looks at it later.",
  start_time: "Such as 08:00:00.",
  end_time: "Such as 12:00:00.",
};

/** What is read of a row beside what can be written. */
const READ_ONLY: Partial<Record<ResourceName, Record<string, Schema>>> = {
  users: { has_password: { type: "integer", enum: [0, 1], description: "1 once the user has chosen a password." } },
  devices: {
    room: { type: ["string", "null"], description: "Where it stands now: client and room; null if it is not set up." },
  },
  "device-setups": { timezone: { type: "string", description: "The time zone of the room’s client." } },
  payments: { source: { type: "string", description: "Where it is from; `manual` if a person entered it." } },
  "api-keys": { created_at: { type: "string", format: "date-time", description: "When it was made." } },
};

export const RESOURCE_TAGS = RESOURCE_NAMES.map((name) => ({ name: RESOURCES[name].many, description: ABOUT[name] }));

const KEY: Schema = {
  type: "string",
  description: "What is sent as `Authorization: Bearer`. This answer alone has it.",
};

export const RESOURCE_SCHEMAS: Record<string, Schema> = {
  ...Object.assign({}, ...RESOURCE_NAMES.map(schemasOf)),
  NewApiKey: rowSchema("api-keys", { key: KEY }),
};

function schemasOf(name: ResourceName): Record<string, Schema> {
  const { schema } = RESOURCES[name];
  const key = componentOf(name);
  return {
    [key]: rowSchema(name),
    [`${key}Input`]: bodySchema(schema, FIELDS),
    [`${key}Change`]: {
      ...bodySchema(schema.partial(), FIELDS),
      description: "Fields that are absent stay as they are.",
    },
  };
}

/** The id, what can be written, for each reference the label of what it names, and what can only be read. */
function rowSchema(name: ResourceName, more: Record<string, Schema> = {}): Schema {
  const { properties = {} } = bodySchema(RESOURCES[name].schema, FIELDS);
  const fields = RESOURCES[name].fields.flatMap((field): [string, Schema][] => {
    const own: [string, Schema] = [field.name, asKept(properties[field.name] ?? {})];
    return field.kind === "reference" ? [own, [labelName(field), labelSchema(field)]] : [own];
  });
  const id: Schema = { type: "integer", minimum: 1, description: "Given when the row is added; it never changes." };
  return objectSchema({ id, ...Object.fromEntries(fields), ...READ_ONLY[name], ...more });
}

/** A time may be sent with any offset, but it is kept in UTC. */
function asKept({ pattern, ...schema }: Schema): Schema {
  const isTime = schema.format !== undefined;
  const { anyOf } = schema;
  return {
    ...schema,
    ...(pattern !== undefined && !isTime && { pattern }),
    ...(anyOf && { anyOf: anyOf.map(asKept) }),
  };
}

/** That of `client_id` is `client`. */
export function labelName({ name }: Field): string {
  return name.replace(/_id$/, "");
}

function labelSchema(field: Field): Schema {
  const about = `What that ${labelName(field).replaceAll("_", " ")} is called.`;
  return field.isOptional ? { type: ["string", "null"], description: about } : { type: "string", description: about };
}

/** `device type` is `DeviceType`. */
export function componentOf(name: ResourceName): string {
  const words = RESOURCES[name].one.toLowerCase().split(" ");
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}
