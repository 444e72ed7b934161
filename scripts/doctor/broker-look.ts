import { randomUUID } from "node:crypto";
import { type Visit, visitBroker } from "../../plumbing/mqtt-probe.ts";
import { brokerCa, serviceAccount } from "../broker.ts";
import { HOST, type PartName } from "../parts.ts";
import type { Secrets } from "../secrets.ts";
import type { Settings } from "../settings.ts";
import type { PartLook } from "./running-part.ts";

/** Retained for every device: the services may hear it, pods and strangers may not. */
export const REGISTRY = "aromapod/v1/+/device";
/** For pods: no service may hear it. */
export const FOR_PODS = "aromapod/v1/+/down/event-ack";
/** Brokers that publish figures of their own tell it there. */
export const VERSION = "$SYS/broker/version";
const LISTEN_MS = 500;
/** CONNACK codes for a protocol that the broker does not speak, in 3.1.1 and in 5. */
const WRONG_PROTOCOL = [0x01, 0x84];

/** `connected`: its account was left alone. `undefined`: it has none. */
type OwnVisit = Visit | "connected" | undefined;

export type BrokerLook = {
  url: string;
  isEmbedded: boolean;
  speaks5: boolean;
  /** Without a user name. */
  nameless: Visit;
  /** Under a user name and password that are nobody's. */
  madeUp: Visit;
  bot: OwnVisit;
  deviceDb: OwnVisit;
  pod: OwnVisit;
};

export type Admitted = Extract<Visit, { state: "admitted" }>;

/** The visit, if it was let in. */
export function admitted(visit: OwnVisit): Admitted | undefined {
  return typeof visit === "object" && visit.state === "admitted" ? visit : undefined;
}

type Deps = { settings: Settings; secrets: Secrets | undefined; part: (name: PartName) => Promise<PartLook> };
type Account = Parameters<typeof visitBroker>[0]["account"];

/**
 * Visits the broker as everybody who has an account there, and as two who have none. Nothing is published. At a broker
 * that others run no account is used that is connected there, as some end the older of two connections of a user.
 *
 * @throws {StartError} when MQTT_CA cannot be read
 */
export async function lookAtBroker({ settings, secrets, part }: Deps): Promise<BrokerLook> {
  const isEmbedded = settings.MQTT_URL === undefined;
  const url = settings.MQTT_URL ?? `mqtt://${HOST}:${String(settings.MQTT_PORT)}`;
  const place = { url, ca: brokerCa(settings) };

  async function own(name: PartName, account: Account | undefined, asks: readonly string[]): Promise<OwnVisit> {
    if (!account) return undefined;
    const mayShare = isEmbedded || (name !== "device-sim" && settings.MQTT_USER !== undefined);
    const look = mayShare ? undefined : await part(name);
    if (look?.who === "this kit" && !look.failing.includes("broker")) return "connected";
    return visit(account, asks);
  }

  const service = (name: "bot" | "device-db", secret: string | undefined): Account | undefined =>
    secret === undefined ? undefined : serviceAccount(settings, { url, name, secret });
  const [simulated] = Object.entries(secrets?.devices ?? {});
  const pod = simulated && { ...place, clientId: "", username: simulated[0], password: simulated[1] };
  const [strangers, bot, deviceDb, asPod] = await Promise.all([
    visitAsStranger(place),
    own("bot", service("bot", secrets?.mqtt.bot), [REGISTRY, ...(isEmbedded ? [] : [VERSION]), FOR_PODS]),
    own("device-db", service("device-db", secrets?.mqtt.deviceDb), []),
    own("device-sim", pod, [REGISTRY]),
  ]);
  return { url, isEmbedded, ...strangers, bot, deviceDb, pod: asPod };
}

/** Whoever has no account comes without a name, in the newest protocol that the broker speaks, and under one made up. */
async function visitAsStranger(place: Pick<Account, "url" | "ca">) {
  const nameless = { ...place, clientId: `doctor-${suffix()}` };
  const [madeUp, newest] = await Promise.all([
    visit({ ...place, clientId: "", username: "nobody", password: randomUUID() }, [REGISTRY]),
    visitBroker({ account: nameless, version: 5 }),
  ]);
  const speaks5 = newest.state === "admitted" || (newest.state === "refused" && !WRONG_PROTOCOL.includes(newest.code));
  return { speaks5, madeUp, nameless: speaks5 ? newest : await visitBroker({ account: nameless, version: 4 }) };
}

/** Under an id that begins with the user name, as the embedded broker wants it, and is nobody else's. */
function visit(account: Account, asks: readonly string[]): Promise<Visit> {
  const clientId = `${account.username ?? ""}-doctor-${suffix()}`;
  return visitBroker({ account: { ...account, clientId }, version: 4, asks, listenMs: LISTEN_MS });
}

function suffix(): string {
  return randomUUID().slice(0, 8);
}
