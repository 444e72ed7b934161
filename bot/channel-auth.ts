import {
  type Activity,
  ConfigurationBotFrameworkAuthentication,
  ConfigurationServiceClientCredentialFactory,
} from "botbuilder";
import { HttpError } from "../plumbing/http-reply.ts";
import { parseJson } from "../plumbing/json.ts";
import type { Log } from "../plumbing/log.ts";
import type { ChannelHttp } from "./channel-client.ts";
import type { MicrosoftApp } from "./config.ts";

const TOKEN = /^Bearer [\w-]+\.([\w-]+)\.[\w-]*$/;
const RETRY_AFTER_S = 30;
/** Microsoft's own, whose tokens the Emulator brings. */
const MICROSOFT_TENANTS = [
  "d6d49420-f39b-4df7-a1dc-d59a935871db",
  "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
  "72f988bf-86f1-41af-91ab-2d7cd011db47",
  "cab8a31a-1906-4287-a0d8-4eef66b95f6e",
];

export type ChannelAuth = ReturnType<typeof createChannelAuth>;

/** Who may speak at `/api/messages`: without an app id anybody whom the route lets in, with one the bearers of Microsoft's tokens. */
export function createChannelAuth(app: MicrosoftApp, log: Log) {
  const settings = given(app);
  const credentials = new ConfigurationServiceClientCredentialFactory(settings);
  const isOpen = !app.MicrosoftAppId;

  /** Bot Framework's authentication; what it lets in is answered through `http`. */
  const through = (http?: ChannelHttp) =>
    new ConfigurationBotFrameworkAuthentication(
      settings,
      credentials,
      undefined,
      undefined,
      http && { httpClient: http },
    );

  return {
    isOpen,
    botFramework: through(),

    /** @throws {HttpError} 401 for whoever has no business here, 503 when that cannot be found out */
    async identify(activity: Activity, header: string, http: ChannelHttp) {
      if (!isOpen && !isOfKnownTenant(header, app.MicrosoftAppTenantId)) throw notSignedIn();
      try {
        return await through(http).authenticateRequest(activity, header);
      } catch (cause) {
        const err = cause as Error & { statusCode?: number };
        if (!isOutage(err)) {
          log.info({ reason: err.message, channelId: activity.channelId }, "token refused");
          throw notSignedIn();
        }
        log.error({ err }, "Microsoft's keys not fetched");
        throw new HttpError(503, "Tokens cannot be checked at the moment.", { "retry-after": String(RETRY_AFTER_S) });
      }
    },
  };
}

export function notSignedIn(): HttpError {
  return new HttpError(401, "Send a token of Bot Framework for this bot.", { "www-authenticate": "Bearer" });
}

/** Bot Framework keeps the tenant of any token for good, as one to trust, before it looks at the signature. */
function isOfKnownTenant(header: string, own: string | undefined): boolean {
  const [, payload = ""] = TOKEN.exec(header) ?? [];
  const claims = parseJson(Buffer.from(payload, "base64url"));
  if (typeof claims !== "object" || claims === null) return false;
  const { tid } = claims as { tid?: string };
  return tid === undefined || tid === own || MICROSOFT_TENANTS.includes(tid);
}

/** Whether the keys could not be had. All else that goes wrong lies in the token. */
function isOutage({ name, statusCode = 0 }: Error & { statusCode?: number }): boolean {
  return name === "FetchError" || statusCode >= 500;
}

/** Bot Framework tells an absent setting from an empty one. */
function given(app: MicrosoftApp): Record<string, string> {
  return Object.fromEntries(Object.entries(app).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
