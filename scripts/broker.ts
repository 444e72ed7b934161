import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { MqttAccount } from "../plumbing/mqtt.ts";
import { StartError } from "../plumbing/start-error.ts";
import type { Settings } from "./settings.ts";

type BrokerSettings = Pick<Settings, "MQTT_URL" | "MQTT_USER" | "MQTT_PASSWORD" | "MQTT_CA">;

type Service = { url: string; name: "bot" | "device-db"; secret: string };

/** As whom a service comes to the broker: under its own name and secret, unless the settings give it others. */
export function serviceAccount(settings: BrokerSettings, { url, name, secret }: Service): MqttAccount {
  const { MQTT_USER, MQTT_PASSWORD } = settings;
  const ca = brokerCa(settings);
  if (MQTT_USER === undefined || MQTT_PASSWORD === undefined)
    return { url, ca, clientId: name, username: name, password: secret };
  // Two services of one user name: a broker ends the older of two connections with one client id.
  return { url, ca, clientId: `${MQTT_USER}-${name}`, username: MQTT_USER, password: MQTT_PASSWORD };
}

/** @throws {StartError} when the settings of a broker do not fit each other: one sentence that names them */
export function checkBroker({ MQTT_URL, MQTT_USER, MQTT_PASSWORD, MQTT_CA }: BrokerSettings): void {
  for (const [name, value] of Object.entries({ MQTT_USER, MQTT_PASSWORD, MQTT_CA }))
    if (value !== undefined && MQTT_URL === undefined) throw new StartError(`${name} needs MQTT_URL.`);
  if (MQTT_USER !== undefined && MQTT_PASSWORD === undefined) throw new StartError("MQTT_USER needs MQTT_PASSWORD.");
  if (MQTT_PASSWORD !== undefined && MQTT_USER === undefined) throw new StartError("MQTT_PASSWORD needs MQTT_USER.");
  if (MQTT_CA !== undefined && !/^(mqtts|wss):/.test(MQTT_URL ?? ""))
    throw new StartError("MQTT_CA needs an MQTT_URL that begins with mqtts: or wss:, as others are not encrypted.");
}

/**
 * The certificates that the broker's own has to lead to, as PEM; absent means those that Node trusts.
 *
 * @throws {StartError} when the file cannot be read or holds no certificate
 */
export function brokerCa({ MQTT_CA: file }: BrokerSettings): string | undefined {
  if (file === undefined) return undefined;
  try {
    const pem = readFileSync(file, "utf8");
    // A file without a certificate would trust nobody, and only each connection would say so.
    void new X509Certificate(pem);
    return pem;
  } catch (cause) {
    const isRead = (cause as NodeJS.ErrnoException).syscall === undefined;
    const reason = isRead ? "it holds no certificate in PEM" : (cause as Error).message;
    throw new StartError(`Cannot read MQTT_CA "${file}": ${reason}.`, { cause });
  }
}
