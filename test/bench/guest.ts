import { Client } from "undici";

type GuestRequest = {
  method: "GET" | "POST";
  path: string;
  token?: string | undefined;
  cookie?: string | undefined;
  body?: unknown;
};

export type Guest = ReturnType<typeof connectGuest>;

/**
 * The HTTP client of one guest, with a connection of its own that stays open; both sides are asked by the same one.
 * `localAddress` is where the guest comes from: how many sessions begin is limited by address too.
 *
 * @throws when the answer is no 2xx
 */
export function connectGuest(origin: string, localAddress = "127.0.0.1") {
  const client = new Client(origin, { localAddress });

  async function call({ method, path, token, cookie, body }: GuestRequest) {
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(cookie === undefined ? {} : { cookie }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const content = body === undefined ? null : JSON.stringify(body);
    const answer = await client.request({ method, path, headers, body: content });
    const text = await answer.body.text();
    if (answer.statusCode >= 300)
      throw new Error(`${method} ${path}: ${String(answer.statusCode)} ${text.slice(0, 200)}`);
    return { headers: answer.headers, text };
  }

  return {
    call,
    /** The answer's JSON. */
    async send(request: GuestRequest): Promise<unknown> {
      const { text } = await call(request);
      return text === "" ? undefined : (JSON.parse(text) as unknown);
    },
    close: () => client.close(),
    /** Waits for nothing. */
    hangUp: () => client.destroy(),
  };
}
