/** Who may call `GET /device/switch`: known addresses, and no browsers, as a call by GET writes. */
import { BlockList, isIP } from "node:net";

type ReadHeader = (name: string) => string | undefined;

/**
 * @param entries addresses and networks such as `10.0.0.0/24` or `::1`
 * @returns whether an address is among them; an IPv4 address is the same one in its `::ffff:` form
 */
export function createAllowList(entries: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", prefix] = entry.split("/");
    if (prefix === undefined) list.addAddress(address, familyOf(address));
    else list.addSubnet(address, Number(prefix), familyOf(address));
  }
  return (address) => isIP(address) !== 0 && list.check(address, familyOf(address));
}

/** A page, an image or a prefetch would write without anybody wanting it. `Sec-Fetch-Mode` alone is Node's fetch. */
export function looksLikeBrowser(header: ReadHeader): boolean {
  const accept = header("accept")?.toLowerCase() ?? "";
  return (
    ["origin", "sec-fetch-site", "sec-purpose"].some((name) => header(name) !== undefined) ||
    header("purpose")?.toLowerCase() === "prefetch" ||
    accept.includes("text/html") ||
    accept.includes("image/")
  );
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}
