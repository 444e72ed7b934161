import { SERIAL } from "../../device-sim/contract.ts";
import type { Kind } from "./synced.ts";

type Ports = { bot: string; erp: string; mqtt: string };

const ID = "([A-Za-z0-9_-]{1,64})";
const ANY_ID = "[A-Za-z0-9_-]{36}";
const ANY_SCENT = "(fire|wood|water|air)";

/**
 * What the parts say about something that has to be on disk, and the row that holds it. SQLite writes the values of a
 * row one behind the other, so a row is found by them.
 */
export function kindsOf({ bot, erp, mqtt }: Ports): Kind[] {
  const from = (port: string) => new RegExp(`:${port}->`);
  const to = (port: string) => new RegExp(`->.*:${port}\\]`);
  const payload = (topic: string, rest: string) => new RegExp(`/${topic}..\\{${rest}`, "gs");
  return [
    {
      name: "bot: the conversation has begun (201)",
      store: "bot",
      to: from(bot),
      message: new RegExp(`^HTTP/1.1 201 .*"conversationId":"${ID}"`, "gs"),
      row: (id) => new RegExp(`${id}${SERIAL}directline`),
    },
    {
      name: "bot: the answer is taken (200)",
      store: "bot",
      to: from(bot),
      message: new RegExp(`^HTTP/1.1 200 .*\\{"id":"(${ANY_ID}\\|\\d+)"\\}`, "gs"),
      row: (id) => new RegExp(`"id":"${id.replace("|", "\\|")}"`),
    },
    {
      name: "bot: the command to the pod",
      store: "bot",
      to: to(mqtt),
      message: payload("down/command", `"id":"${ID}"`),
      row: (id) => new RegExp(`${id}${ANY_ID}${SERIAL}${ANY_SCENT}pending`),
    },
    {
      name: "pod: the event",
      store: "device-sim",
      to: to(mqtt),
      message: payload("up/event", `"id":"${ID}"`),
      row: (id) => new RegExp(`"id":"${id}"`),
    },
    {
      name: "pod: the reply to the command",
      store: "device-sim",
      to: to(mqtt),
      message: payload("up/reply", `"commandId":"${ID}"`),
      row: (id) => new RegExp(`${id}accepted`),
    },
    {
      name: "device database: the event is kept",
      store: "device-db",
      to: from(mqtt),
      message: payload("down/event-ack", `"eventId":"${ID}"`),
      row: (id) => new RegExp(`"id":"${id}"`),
    },
    {
      name: "device database: the call of the ERP",
      store: "device-db",
      to: to(erp),
      message: new RegExp(`^GET /device/switch.*\\r\\nidempotency-key: ${ID}`, "gs"),
      row: (id) => new RegExp(`${id}${SERIAL}${ANY_ID}checkin${ANY_SCENT}inflight`),
    },
    {
      name: "ERP: the usage is there (200)",
      store: "erp",
      to: from(erp),
      message: /^HTTP\/1.1 200 .*Device check-in successful/gs,
      request: new RegExp(`\\r\\nidempotency-key: ${ID}`),
      row: (id) => new RegExp(`${id}.{0,12}checkinwebhook`, "s"),
    },
    {
      name: "bot: the pod has confirmed",
      store: "bot",
      to: to(mqtt),
      message: payload("session", `"sessionId":"${ID}","step":"confirmed"`),
      row: (id) => new RegExp(`${id}${SERIAL}${ANY_SCENT}accepted`),
    },
  ];
}
