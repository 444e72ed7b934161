/** Addresses and networks as people write them; read strictly, because a list of them decides who may write. */
import { BlockList, isIPv4, isIPv6 } from "node:net";
import { rememberLast } from "../plumbing/remember-last.ts";

type Family = "ipv4" | "ipv6";
type Network = { family: Family; value: bigint; prefix: number };

const BITS = { ipv4: 32, ipv6: 128 } as const;
const PREFIX = /^(?:0|[1-9]\d{0,2})$/;
const MAPPED = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/;
const MAPPED_BITS = BITS.ipv6 - BITS.ipv4;

/** The one spelling of an address, which is the IPv4 address for its `::ffff:` form; `undefined` for what is none. */
export function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!isIPv6(text) || text.includes("%")) return undefined;
  const address = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const [, high, low] = MAPPED.exec(address) ?? [];
  return high && low ? ipv4Of((BigInt(`0x${high}`) << 16n) | BigInt(`0x${low}`)) : address;
}

/** What is wrong with an entry of an allow-list, as the end of a sentence that begins with its name. */
export function networkProblem(entry: string): string | undefined {
  const network = readNetwork(entry);
  if (!network) return "must be an address or a network such as 10.0.0.0/24";
  const base = baseOf(network);
  if (base.value === network.value) return undefined;
  return `must be ${addressOf(base)}/${String(base.prefix)}, as ${entry} has host bits set`;
}

/** The same of a single address. */
export function addressProblem(entry: string): string | undefined {
  return canonicalAddress(entry) === undefined ? "must be an address such as 10.0.0.2" : undefined;
}

/**
 * @param entries addresses and networks without a `networkProblem`
 * @returns whether an address is among them; an IPv4 address is the same one in its `::ffff:` form
 */
export function createAllowList(entries: readonly string[]): (address: string) => boolean {
  // One for each family: in a common one, ::/0 would hold every IPv4 address too.
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const entry of entries) {
    const network = readNetwork(entry);
    if (!network) throw new Error(`"${entry}" is no address or network.`);
    lists[network.family].addSubnet(addressOf(network), network.prefix, network.family);
  }
  return rememberLast((text) => {
    const address = canonicalAddress(text);
    if (address === undefined) return false;
    const family = familyOf(address);
    return lists[family].check(address, family);
  });
}

function readNetwork(entry: string): Network | undefined {
  const [text = "", size, ...rest] = entry.split("/");
  const address = canonicalAddress(text);
  const isSized = size === undefined || PREFIX.test(size);
  if (address === undefined || !isSized || rest.length > 0) return undefined;
  const family = familyOf(address);
  const written = familyOf(text);
  const prefix = Number(size ?? BITS[written]) - (family === written ? 0 : MAPPED_BITS);
  if (prefix < 0 || prefix > BITS[family]) return undefined;
  return { family, prefix, value: family === "ipv4" ? ipv4Value(address) : ipv6Value(address) };
}

function baseOf({ family, value, prefix }: Network): Network {
  const hostBits = BigInt(BITS[family] - prefix);
  return { family, prefix, value: (value >> hostBits) << hostBits };
}

function addressOf({ family, value }: Network): string {
  if (family === "ipv4") return ipv4Of(value);
  const groups = value.toString(16).padStart(32, "0").match(/.{4}/g) ?? [];
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

function ipv4Of(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join(".");
}

function ipv4Value(address: string): bigint {
  return address.split(".").reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
}

function ipv6Value(address: string): bigint {
  const [head = [], tail = []] = address.split("::").map((half) => half.split(":").filter((group) => group !== ""));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  return [...head, ...zeros, ...tail].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

function familyOf(address: string): Family {
  return isIPv4(address) ? "ipv4" : "ipv6";
}
