import type { ConfigurationBotFrameworkAuthentication } from "botbuilder";

type ConnectorOptions = NonNullable<ConstructorParameters<typeof ConfigurationBotFrameworkAuthentication>[4]>;

/** How Bot Framework sends what the bot says. */
export type ChannelHttp = NonNullable<ConnectorOptions["httpClient"]>;

type Answered = Awaited<ReturnType<ChannelHttp["sendRequest"]>>;

const MAX_WORDS = 200;

/** A channel's service did not take what the bot said. */
export class ChannelError extends Error {
  override name = "ChannelError";
}

/**
 * Brings replies to a channel's service, until the signal: one attempt each, no redirects. Bot Framework's own client
 * waits for ever, follows redirects, reads whatever comes and tries again when the service says so.
 *
 * @throws {ChannelError} when a reply was not taken
 */
export function channelClient(signal: AbortSignal): ChannelHttp {
  return {
    async sendRequest(request) {
      try {
        const { url, method, body } = request;
        const headers = request.headers.rawHeaders();
        const answer = await fetch(url, { method, headers, body: body as string, redirect: "manual", signal });
        if (!answer.ok) throw new Error(`It answered ${String(answer.status)}: ${await firstWords(answer)}`);
        await answer.body?.cancel();
        return { request, ...TAKEN };
      } catch (cause) {
        throw new ChannelError("The channel's service did not take a reply.", { cause });
      }
    },
  };
}

/** What a service says of a reply that it took is of no use to us, and Bot Framework stumbles over what it does not expect. */
const TAKEN = { status: 200, headers: { toJson: () => ({}) } as unknown as Answered["headers"] };

async function firstWords({ body }: Response): Promise<string> {
  const reader = body?.getReader();
  const chunk = await reader?.read();
  await reader?.cancel();
  return Buffer.from(chunk?.value ?? "")
    .toString("utf8")
    .slice(0, MAX_WORDS);
}
