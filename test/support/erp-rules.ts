/** Who may do what in the back office of the ERP: said by hand once more, so that the tests ask no table of its own. */

export type Role = "viewer" | "manager" | "admin";
export type Action = "read" | "write";
/** Which rows: those of the own client, those of everybody, or none. */
export type Rows = "own" | "all" | "none";
export type Member = { role: Role; isBound: boolean };

type Rule = `${Role} ${Rows}`;

/** From which role on, and which rows somebody gets who is bound to one client; all others get all rows. */
export const RULES: Record<string, { read: Rule; write?: Rule }> = {
  corporations: { read: "viewer own", write: "admin none" },
  clients: { read: "viewer own", write: "admin none" },
  rooms: { read: "viewer own", write: "manager own" },
  devices: { read: "viewer own", write: "manager none" },
  "device-setups": { read: "viewer own", write: "manager own" },
  "device-usages": { read: "viewer own", write: "manager own" },
  payments: { read: "viewer own", write: "manager own" },
  reports: { read: "viewer own" },

  roles: { read: "viewer all" },
  scents: { read: "viewer all", write: "manager none" },
  schedules: { read: "viewer all", write: "manager none" },
  "device-types": { read: "viewer all", write: "manager none" },
  self: { read: "viewer all", write: "viewer all" },

  customers: { read: "manager none", write: "manager none" },
  journal: { read: "viewer none", write: "admin none" },
  "master-data": { read: "viewer none", write: "admin none" },

  users: { read: "admin none", write: "admin none" },
  "api-keys": { read: "admin none", write: "admin none" },
  audit: { read: "admin none" },
  settings: { read: "admin none", write: "admin none" },
  faults: { read: "admin none", write: "admin none" },
};

const ORDER: readonly Role[] = ["viewer", "manager", "admin"];

/** Which rows of a subject somebody may read or write. */
export function rowsFor({ role, isBound }: Member, subject: string, action: Action): Rows {
  const rule = RULES[subject]?.[action];
  if (rule === undefined) return "none";
  const [least, ofBound] = rule.split(" ") as [Role, Rows];
  if (ORDER.indexOf(role) < ORDER.indexOf(least)) return "none";
  return isBound ? ofBound : "all";
}

/** What is open to everybody: the doors, the documentation, and how the ERP is. */
const OPEN = [
  "GET /sign-in",
  "POST /sign-in",
  "GET /set-up/:secret",
  "POST /set-up/:secret",
  "GET /join/:secret",
  "POST /join/:secret",
  "GET /openapi.json",
  "GET /docs",
  "GET /assets/erp.css",
  "GET /livez",
  "GET /readyz",
  "GET /metrics",
];

/** What the seed has without a key, for the addresses on the allow-list. */
const CALLERS = ["GET /device/switch", "POST /api/customers"];

/** Addresses that are not called by their subject. */
const SUBJECTS: Record<string, string> = {
  "": "self",
  account: "self",
  "sign-out": "self",
  "settings/faults": "faults",
  "settings/faults/:id/remove": "faults",
};

/** It takes nothing from the ERP but what the browser has. */
const READING = ["POST /sign-out"];

/** Pages that are forms are for those who may send them. */
const FORM = /\/(new|edit|account)$/;

/** The rules that no route asks for. */
export function unasked(declared: readonly { access: Wanted }[]): string[] {
  const asked = declared.map(({ access }) => typeof access !== "string" && `${access.action} ${access.subject}`);
  const rights = Object.entries(RULES).flatMap(([subject, rule]) => Object.keys(rule).map((of) => `${of} ${subject}`));
  return rights.filter((right) => !asked.includes(right));
}

export type Wanted = "anyone" | "caller" | { subject: string; action: Action; by: "key" | "page" };

/**
 * Who should be able to use a route, by its address alone; `undefined` when nothing is known of such an address.
 *
 * @param route method and path, such as `GET /api/rooms/:id`
 */
export function wantedFor(route: string): Wanted | undefined {
  if (OPEN.includes(route)) return "anyone";
  if (CALLERS.includes(route)) return "caller";
  const [method = "", path = ""] = route.split(" ");
  const by = path.startsWith("/api/") ? "key" : "page";
  const address = path.replace(/^\/(api\/)?/, "");
  const subject = SUBJECTS[address] ?? address.split("/")[0] ?? "";
  if (!Object.hasOwn(RULES, subject)) return undefined;
  const isReading = READING.includes(route) || (method === "GET" && !FORM.test(path));
  return { subject, action: isReading ? "read" : "write", by };
}
