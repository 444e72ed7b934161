import { createHmac, timingSafeEqual } from "node:crypto";
import { SERIAL } from "../device-sim/contract.ts";

/** Which device a launch link is for, and which version of its key the printed card carries. */
export type LinkedDevice = { serial: string; keyVersion: number };

/** 128 bits in base64url. */
const MAC_CHARACTERS = 22;
const SHAPE = new RegExp(`^(${SERIAL})-(\\d{1,4})-([A-Za-z0-9_-]{${String(MAC_CHARACTERS)}})$`);

/** `<serial>-<key version>-<MAC>`, at most 64 of `[A-Za-z0-9_-]`, so that a messenger's deep link can carry it. */
export function makeLink(key: string, device: LinkedDevice): string {
  return `${device.serial}-${String(device.keyVersion)}-${macOf(key, device)}`;
}

/** The device of a genuine link, else `undefined`; compared in constant time. */
export function readLink(key: string, link: string): LinkedDevice | undefined {
  const [, serial = "", version = "", mac = ""] = SHAPE.exec(link) ?? [];
  const device = { serial, keyVersion: Number(version) };
  const genuine = Buffer.from(macOf(key, device));
  const given = Buffer.from(mac.padEnd(MAC_CHARACTERS));
  return timingSafeEqual(genuine, given) && String(device.keyVersion) === version ? device : undefined;
}

function macOf(key: string, { serial, keyVersion }: LinkedDevice): string {
  const text = `aromapod launch link\n${serial}\n${String(keyVersion)}`;
  return createHmac("sha256", key).update(text).digest("base64url").slice(0, MAC_CHARACTERS);
}
