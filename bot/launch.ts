import type { Device } from "../device-db/contract.ts";
import type { ResolveLink } from "./guest-routes.ts";
import { makeLink, readLink } from "./link.ts";

type Registry = { device: (serial: string) => Device | undefined; knowsDevices: () => boolean };

/** Launch links against the registry: a link is good for an enabled device and the current version of its key. */
export function createLinks(qrKey: string, registry: Registry) {
  const resolve: ResolveLink = (link) => {
    const linked = readLink(qrKey, link);
    if (!linked) return "bad";
    if (!registry.knowsDevices()) return "unknown yet";
    const device = registry.device(linked.serial);
    return device?.enabled && device.keyVersion === linked.keyVersion ? device : "bad";
  };

  return {
    resolve,

    device(link: string): Device | undefined {
      const device = resolve(link);
      return typeof device === "string" ? undefined : device;
    },

    /** The link for a registered device's card. */
    make(serial: string): string | undefined {
      const device = registry.device(serial);
      return device && makeLink(qrKey, device);
    },
  };
}
