import { networkInterfaces } from "node:os";

/** Under what this machine may be reached in its local networks; the first is the one that `--lan` takes. */
export function lanAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address);
}
