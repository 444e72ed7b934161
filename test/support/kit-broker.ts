import { makeSecrets } from "../../scripts/secrets.ts";
import { passwordOf, SERIAL } from "./devices.ts";
import { openMosquitto } from "./mosquitto.ts";

/** What `npm run test:mosquitto` sets: each kit of the tests then has a Mosquitto of its own for a broker. */
export const AT_MOSQUITTO = process.env["TEST_MQTT"] === "mosquitto";

const EMBEDDED = { settings: {}, [Symbol.asyncDispose]: async () => undefined };

/** The broker of a kit with this data folder, as settings; none where it is the embedded one. */
export async function openKitBroker(dataDir: string) {
  if (!AT_MOSQUITTO) return EMBEDDED;
  const { mqtt, devices } = makeSecrets(dataDir, SERIAL);
  const { url, ...broker } = await openMosquitto({ bot: mqtt.bot, "device-db": mqtt.deviceDb, ...devices });
  return { settings: { MQTT_URL: url }, [Symbol.asyncDispose]: broker[Symbol.asyncDispose] };
}

/** The same for a device database alone, at which the tests introduce themselves; more than these it does not know. */
export async function openDeviceDbBroker(pods: readonly string[]) {
  if (!AT_MOSQUITTO) return { ...EMBEDDED, account: undefined };
  const users = ["bot", "device-db", ...pods];
  const broker = await openMosquitto(Object.fromEntries(users.map((user) => [user, passwordOf(user)])));
  const account = { url: broker.url, clientId: "device-db", username: "device-db", password: passwordOf("device-db") };
  return { account, [Symbol.asyncDispose]: broker[Symbol.asyncDispose] };
}
