import { HttpError } from "../plumbing/http-reply.ts";
import { hashSecret, newSecret } from "../plumbing/secret.ts";
import { SERVICE_USERS } from "./access.ts";
import type { Broker } from "./broker.ts";
import { type DeviceView, deviceTopic, type NewDevice } from "./contract.ts";
import type { RegisteredDevice, RegistryStore } from "./registry-store.ts";
import type { Twins } from "./twins.ts";

type Deps = { store: RegistryStore; twins: Twins; broker: Pick<Broker, "publish" | "disconnect"> };

/** The password is shown this once: only its hash is kept. */
type WithPassword = RegisteredDevice & { password: string };

export type Registry = ReturnType<typeof createRegistry>;

/** What may be done with the registered devices. Every change is on disk before the broker, and so the bot, hears of it. */
export function createRegistry({ store, twins, broker }: Deps) {
  const device = (serial: string): RegisteredDevice => deviceIn(store, serial);

  function announce(serial: string): RegisteredDevice {
    const found = device(serial);
    broker.publish(deviceTopic(serial), found, true);
    return found;
  }

  function cutOff(serial: string): void {
    broker.disconnect(serial);
    twins.cutOff(serial);
  }

  return {
    device,
    view: (serial: string): DeviceView => twins.view(device(serial)),
    views: (): DeviceView[] => store.list().map(twins.view),

    announceAll: (): void => {
      for (const { serial } of store.list()) announce(serial);
    },

    async add(wanted: NewDevice): Promise<WithPassword> {
      const password = await addTo(store, wanted);
      return { ...announce(wanted.serial), password };
    },

    /** A disabled device is cut off at once, and its links lead nowhere. */
    async enable(serial: string, enabled: boolean): Promise<DeviceView> {
      await store.enable(device(serial).serial, enabled);
      const changed = announce(serial);
      if (!enabled) cutOff(serial);
      return twins.view(changed);
    },

    /** The old password is good for nothing from now on, and who used it has to come again. */
    async changePassword(serial: string): Promise<WithPassword> {
      const password = newSecret();
      await store.changeSecret(device(serial).serial, hashSecret(password));
      cutOff(serial);
      return { ...device(serial), password };
    },

    async rotateLink(serial: string): Promise<RegisteredDevice> {
      await rotateLinkOf(store, device(serial));
      return announce(serial);
    },
  };
}

/** @throws {HttpError} 404 */
function deviceIn(store: RegistryStore, serial: string): RegisteredDevice {
  const found = store.find(serial);
  if (!found) throw new HttpError(404, `No device "${serial}" is registered.`);
  return found;
}

/** @throws {HttpError} 409 */
async function addTo(store: RegistryStore, wanted: NewDevice): Promise<string> {
  const { serial } = wanted;
  if (SERVICE_USERS.some((user) => user === serial)) throw new HttpError(409, `The name "${serial}" is a service's.`);
  const password = newSecret();
  if (await store.add(wanted, hashSecret(password))) return password;
  throw new HttpError(409, `A device "${serial}" is registered already.`);
}

/** @throws {HttpError} 409 when there is no further version */
async function rotateLinkOf(store: RegistryStore, { serial, keyVersion }: RegisteredDevice): Promise<void> {
  if (await store.rotateLink(serial)) return;
  throw new HttpError(409, `The link of "${serial}" has its last version, ${String(keyVersion)}.`);
}
