/** Set-ups in each of which a broker or an ERP of others is broken, with what the doctor has to say of it. */
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { listen } from "../../plumbing/listen.ts";
import { freePorts } from "../../scripts/free-ports.ts";
import { makeSecrets } from "../../scripts/secrets.ts";
import type { BrokenSetUp } from "./broken-set-ups.ts";
import { SERIAL } from "./devices.ts";
import { openOutsideBroker } from "./outside-broker.ts";
import { ERP_AUTHORITY_FILE, EXPIRED_FILE, erpTls } from "./tls-erp.ts";

const SECRET = "s3cret-of-the-hotel-which-nobody-may-read-on-a-screen";
const TEN_MINUTES_MS = 600_000;

export const BROKEN_OUTSIDE: readonly BrokenSetUp[] = [
  {
    name: "a broker that does not run",
    make: async () => ({ MQTT_URL: `mqtt://${await nobodysPlace()}` }),
    failing: ["broker"],
    detail: /^nobody answers at mqtt:\/\/127\.0\.0\.1:\d+: connect ECONNREFUSED/,
    advice: /^Start that broker, or do without it:$/,
    command: /^unset MQTT_URL$/,
    heals: true,
  },
  {
    name: "a broker that lets everybody in",
    make: async ({ own }) => ({ MQTT_URL: own(await openOutsideBroker()).url }),
    failing: ["strangers"],
    detail: /^whoever comes without a user name is let in$/,
    advice: /allow_anonymous false, password_file/,
  },
  {
    name: "a broker that does not know the services' password",
    make: async ({ home, own }) => {
      makeSecrets(join(home.path, ".data"), SERIAL);
      const broker = own(await openOutsideBroker());
      broker.letIn(() => false);
      return { MQTT_URL: broker.url, MQTT_USER: "hotel", MQTT_PASSWORD: SECRET };
    },
    failing: ["broker"],
    detail: /^mqtt:\/\/127\.0\.0\.1:\d+ refuses "hotel": Connection refused: Not authorized$/,
    advice: /^Correct MQTT_USER and MQTT_PASSWORD\.$/,
  },
  {
    name: "a broker with users, but without rules",
    make: async ({ home, own }) => {
      const { mqtt, devices } = makeSecrets(join(home.path, ".data"), SERIAL);
      const passwords: Record<string, string> = { ...devices, bot: mqtt.bot, "device-db": mqtt.deviceDb };
      const broker = own(await openOutsideBroker());
      broker.letIn((username, password) => passwords[username] === password);
      const deviceDb = await connectAsync(broker.url, { username: "device-db", password: mqtt.deviceDb });
      await deviceDb.publishAsync("aromapod/v1/HKAP0100000077/device", "{}", { qos: 1, retain: true });
      await deviceDb.endAsync();
      return { MQTT_URL: broker.url };
    },
    failing: ["topic rules"],
    detail: /^a pod hears aromapod\/v1\/HKAP0100000077\/device, which is not for it$/,
    advice: /docs\/broker\/mosquitto\.acl/,
  },
  {
    name: "an authority for the broker whose certificate has expired",
    make: async ({ own }) => ({
      MQTT_URL: own(await openOutsideBroker("mqtts")).url,
      MQTT_CA: EXPIRED_FILE,
    }),
    failing: ["broker", "MQTT_CA", "TLS of MQTT_URL"],
    detail: /^mqtts:\/\/127\.0\.0\.1:\d+ is not trusted: unable to verify the first certificate/,
    advice: /^Set MQTT_CA to the file /,
  },
  {
    name: "an ERP at which nothing answers",
    make: async () => ({ ERP_URL: `http://${await nobodysPlace()}` }),
    failing: ["ERP"],
    detail: /^nothing comes from http:\/\/127\.0\.0\.1:\d+: connect ECONNREFUSED/,
    advice: /^See what this machine gets; "unset ERP_URL" does without that ERP\.$/,
    command: /^curl -i -m 10 http:\/\/127\.0\.0\.1:\d+\/$/,
  },
  {
    name: "an ERP whose certificate has expired",
    make: async ({ own }) => {
      const port = await serve(createHttpsServer(erpTls("expired"), fine), own);
      return { ERP_URL: `https://127.0.0.1:${port}`, NODE_EXTRA_CA_CERTS: ERP_AUTHORITY_FILE };
    },
    failing: ["ERP", "TLS of ERP_URL"],
    detail: /^nothing comes from https:\/\/127\.0\.0\.1:\d+: certificate has expired$/,
    advice: /^See what this machine gets/,
    command: /^curl -i -m 10 https:\/\/127\.0\.0\.1:\d+\/$/,
  },
  {
    name: "an ERP whose clock is ten minutes behind",
    make: async ({ own }) => {
      const port = await serve(createServer(tenMinutesLate), own);
      return { ERP_URL: `http://127.0.0.1:${port}` };
    },
    failing: ["ERP's clock"],
    detail: /^this machine's is (10 min 0 s|9 min 59 s|10 min 1 s) ahead of the ERP's$/,
    advice: /^Let the system keep its clock by the network:$/,
    command: /^sudo timedatectl set-ntp true$/,
  },
  {
    name: "an allow-list without the address that the device database calls from",
    make: async () => ({ ERP_ALLOW: "10.0.0.0/8" }),
    failing: ["allow-list"],
    detail: /^127\.0\.0\.1, where the device database calls from, is not on it$/,
    advice: /^Before the kit starts anew:$/,
    command: /^export ERP_ALLOW='127\.0\.0\.1,::1,10\.0\.0\.0\/8'$/,
    heals: true,
  },
];

const fine: RequestListener = (_request, response) => void response.end("fine");
const tenMinutesLate: RequestListener = (_request, response) => {
  response.setHeader("date", new Date(Date.now() - TEN_MINUTES_MS).toUTCString());
  response.end("fine");
};

async function nobodysPlace(): Promise<string> {
  const [port = 0] = await freePorts(1);
  return `127.0.0.1:${String(port)}`;
}

/** Listens on any port, which is returned. */
async function serve(server: Server, own: (opened: AsyncDisposable) => unknown): Promise<string> {
  const port = await listen(server, { host: "127.0.0.1", port: 0, setting: "" });
  own({ [Symbol.asyncDispose]: async () => void server.close() });
  return String(port);
}
