import { Client } from "undici";

type GuestRequest = { method: "GET" | "POST"; path: string; token?: string | undefined; body?: unknown };

export type Guest = ReturnType<typeof connectGuest>;

/**
 * The HTTP client of one guest, with a connection of its own that stays open; both sides are asked by the same one.
 * `localAddress` is where the guest comes from: how many sessions begin is limited by address too.
 *
 * @throws when the answer is no 2xx
 */
export function connectGuest(origin: string, localAddress = "127.0.0.1") {
  const client = new Client(origin, { localAddress });

  return {
    async send({ method, path, token, body }: GuestRequest): Promise<unknown> {
      const headers = {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      };
      const answer = await client.request({
        method,
        path,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await answer.body.text();
      if (answer.statusCode >= 300)
        throw new Error(`${method} ${path}: ${String(answer.statusCode)} ${text.slice(0, 200)}`);
      return text === "" ? undefined : (JSON.parse(text) as unknown);
    },
    close: () => client.close(),
  };
}
