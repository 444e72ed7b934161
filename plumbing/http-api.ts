/** What may be sent, as a schema that can say so. */
type Shape = { toJSONSchema: (how: { io: "input" }) => object };

/** What an address is for; `query` and `body` are the schemas by which its server reads them. */
export type Address = { about: string; query?: Shape; body?: Shape };

/**
 * Addresses that belong together, by method and path as the routes have them. Braces stand for each of several:
 * `POST /a/{b,c}`.
 */
export type AddressGroup = { title: string; about: string; addresses: Record<string, Address> };

/** What every server answers. */
export const HEALTH_API: AddressGroup = {
  title: "Every service",
  about: "Health and figures, without a key.",
  addresses: {
    "GET /livez": { about: "`ok` as long as the process answers." },
    "GET /readyz": {
      about: "`ok`, or 503 and `not ready`. With `?verbose` a line for each check, `[+]` if it holds and `[-]` if not.",
    },
    "GET /metrics": { about: "Figures in Prometheus' text format; [metrics.md](../metrics.md) explains each." },
  },
};

/** `POST /a/{b,c}` is `POST /a/b` and `POST /a/c`. */
export function expandBraces(name: string): string[] {
  const found = /^([^{]*)\{([^}]*)\}(.*)$/.exec(name);
  if (!found) return [name];
  const [, before = "", within = "", after = ""] = found;
  return within.split(",").flatMap((one) => expandBraces(before + one + after));
}
