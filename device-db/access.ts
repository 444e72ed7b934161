/** Who may connect, publish and subscribe at the embedded broker. */
import { SERIAL } from "../device-sim/contract.ts";

/** User names of the services; no device can be registered under one of them. */
export const SERVICE_USERS = ["bot", "device-db"] as const;

export type Identity = { role: (typeof SERVICE_USERS)[number] } | { role: "pod"; serial: string };

export type Access = ReturnType<typeof accessOf>;

type TopicRules = { publish: RegExp; publishRetained: RegExp; subscribe: RegExp };

const ANY_SERIAL = `(${SERIAL}|\\+)`;
const NOTHING = /(?!)/;

/** What one identity may do; made once for each connection. */
export function accessOf(identity: Identity) {
  const rules = rulesOf(identity);
  return {
    mayPublish: (topic: string, retained: boolean): boolean =>
      rules.publishRetained.test(topic) || (!retained && rules.publish.test(topic)),
    maySubscribe: (filter: string): boolean => rules.subscribe.test(filter),
  };
}

/** A client id is the user name, alone or with a suffix after a hyphen. */
export function clientIdFits(username: string, clientId: string): boolean {
  return clientId === username || clientId.startsWith(`${username}-`);
}

function rulesOf(identity: Identity): TopicRules {
  switch (identity.role) {
    case "bot":
      return {
        publish: topics(SERIAL, "down/command|session"),
        publishRetained: NOTHING,
        subscribe: topics(ANY_SERIAL, "up/reply|up/state|up/status|device"),
      };
    case "device-db":
      return {
        publish: topics(SERIAL, "down/command|down/event-ack"),
        publishRetained: topics(SERIAL, "device"),
        subscribe: topics(ANY_SERIAL, "up/reply|up/event|up/state|up/status|down/command|session"),
      };
    case "pod":
      return {
        publish: topics(identity.serial, "up/reply|up/event"),
        publishRetained: topics(identity.serial, "up/state|up/status"),
        subscribe: topics(identity.serial, "down/(command|event-ack|\\+|#)"),
      };
  }
}

function topics(serial: string, rest: string): RegExp {
  return new RegExp(`^aromapod/v1/${serial}/(${rest})$`);
}
