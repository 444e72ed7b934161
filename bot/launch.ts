import type { Device } from "../device-db/contract.ts";
import { type LinkedDevice, makeLink, readLink } from "./link.ts";

/** The device of a genuine link; `"bad"` for any other, `"unknown yet"` while the registry has not arrived. */
export type ResolveLink = (link: string) => Device | "bad" | "unknown yet";

type Registry = { device: (serial: string) => Device | undefined; knowsDevices: () => boolean };

export type Links = ReturnType<typeof createLinks>;

/** Launch links against the registry: a link is good for an enabled device and the current version of its key. */
export function createLinks(qrKey: string, registry: Registry) {
  /** The same for what a genuine link said, which may be a while ago. */
  function check({ serial, keyVersion }: LinkedDevice): ReturnType<ResolveLink> {
    if (!registry.knowsDevices()) return "unknown yet";
    const device = registry.device(serial);
    return device?.enabled && device.keyVersion === keyVersion ? device : "bad";
  }

  const resolve: ResolveLink = (link) => {
    const linked = readLink(qrKey, link);
    return linked ? check(linked) : "bad";
  };

  /** The device of a good link. */
  function deviceOf(link: string): Device | undefined {
    const device = resolve(link);
    return typeof device === "string" ? undefined : device;
  }

  /** The link for a registered device's card. */
  function make(serial: string): string | undefined {
    const device = registry.device(serial);
    return device && makeLink(qrKey, device);
  }

  return { resolve, check, device: deviceOf, make };
}
