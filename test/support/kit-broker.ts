import { makeSecrets } from "../../scripts/secrets.ts";
import { passwordOf, SERIAL } from "./devices.ts";
import { openMosquitto } from "./mosquitto.ts";

/** What `npm run test:mosquitto` sets: each kit of the tests then has a Mosquitto of its own for a broker. */
export const AT_MOSQUITTO = process.env["TEST_MQTT"] === "mosquitto";

/** How the brokers that run are told of a pod, by their addresses. */
const admitters = new Map<string, (serial: string, password: string) => Promise<void>>();

/** What a person does after `devices add`, where the broker does not know by itself. */
export async function tellBroker(url: string, serial: string, password: string): Promise<void> {
  await admitters.get(url)?.(serial, password);
}

const EMBEDDED = { settings: {}, [Symbol.asyncDispose]: async () => undefined };

/** The broker of a kit with this data folder, as settings; none where it is the embedded one. */
export async function openKitBroker(dataDir: string) {
  if (!AT_MOSQUITTO) return EMBEDDED;
  const { mqtt, devices } = makeSecrets(dataDir, SERIAL);
  const { url, ...broker } = await openMosquitto({ bot: mqtt.bot, "device-db": mqtt.deviceDb, ...devices });
  admitters.set(url, broker.admit);
  return { settings: { MQTT_URL: url }, [Symbol.asyncDispose]: broker[Symbol.asyncDispose] };
}

/** The same for a device database alone, at which the tests introduce themselves. */
export async function openDeviceDbBroker(pods: readonly string[]) {
  if (!AT_MOSQUITTO) return { ...EMBEDDED, account: undefined };
  const users = ["bot", "device-db", ...pods];
  const broker = await openMosquitto(Object.fromEntries(users.map((user) => [user, passwordOf(user)])));
  admitters.set(broker.url, broker.admit);
  const account = { url: broker.url, clientId: "device-db", username: "device-db", password: passwordOf("device-db") };
  return { account, [Symbol.asyncDispose]: broker[Symbol.asyncDispose] };
}
