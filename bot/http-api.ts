/** What is said of the addresses of the bot. */
import type { AddressGroup } from "../plumbing/http-api.ts";
import { cardsRequestSchema } from "./contract.ts";

const GUESTS: AddressGroup = {
  title: "Guests",
  about: "What a launch link opens. Every link that is not good gets the same page.",
  addresses: {
    "{GET,HEAD} /r/:link": { about: "The guest's page, as the browser's session stands. Opening it changes nothing." },
    "POST /r/:link/answer": { about: "The form of that page: takes the answer, and leads back (303)." },
    "GET /r/:link/answer": { about: "Leads back to the page." },
    "POST /r/:link/token": {
      about:
        "`{conversationId, token, expires_in}` for any Direct Line client. The session begins when that starts the conversation.",
    },
    "GET /r/:link/session": {
      about: "`{state, scent, command, pod, diffusing, note}` of the browser's own session, by a cookie.",
    },
    "GET /assets/guest.js": { about: "The script of the page." },
    "OPTIONS /r/:link/token": { about: "Whether a page of another origin may ask; see `BOT_ORIGINS`." },
  },
};

const BASE = "/v3/directline";

const CHAT: AddressGroup = {
  title: "Chat clients",
  about:
    "Direct Line 3.0, and Bot Framework's other channels. [direct-line.md](../direct-line.md) has what is answered when, and the limits.",
  addresses: {
    [`POST ${BASE}/tokens/generate`]: { about: "A token for a new conversation, for the Direct Line secret." },
    [`POST ${BASE}/tokens/refresh`]: { about: "A new token for an old one." },
    [`POST ${BASE}/conversations`]: {
      about: "Starts the token's conversation: 201 with its `streamUrl`, a WebSocket.",
    },
    [`GET ${BASE}/conversations/:id`]: {
      about: "The same for a client that comes back; `?watermark=` says where it was.",
    },
    [`GET ${BASE}/conversations/:id/activities`]: { about: "What was said after `?watermark=`." },
    [`POST ${BASE}/conversations/:id/activities`]: { about: "What the guest says: `{id}`." },
    [`POST ${BASE}/conversations/:id/upload`]: { about: "415: the bot takes no attachments." },
    [`OPTIONS ${BASE}/{tokens/generate,tokens/refresh,conversations}`]: {
      about: "Whether a page of another origin may ask.",
    },
    [`OPTIONS ${BASE}/conversations/{:id,:id/activities,:id/upload}`]: { about: "The same." },
    "POST /api/messages": {
      about: "Activities of Azure's channels, which need the channel's token, or of the Emulator on this machine.",
    },
  },
};

const OPERATORS: AddressGroup = {
  title: "Operators",
  about: "With the operator's key.",
  addresses: {
    "GET /api/sessions/:id": { about: "The truth about a session and its command." },
    "GET /api/sessions/:id/transcript": { about: "What was said in it, as the Bot Framework Emulator opens it." },
    "GET /api/launch/:serial": {
      about: "`{serial, url, keyVersion}`, or with `?as=terminal`, `text`, `svg` or `png` the link as a QR code.",
    },
    "POST /api/cards": { about: "A page with a card to print for each device.", body: cardsRequestSchema },
  },
};

export const BOT_API: readonly AddressGroup[] = [GUESTS, CHAT, OPERATORS];
